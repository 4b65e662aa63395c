"""The command line, `seikyu …`. What each command does stands in `seikyu.commands`."""

from seikyu.commands.program import build


def main() -> None:
    """Run the command line."""
    build()(prog_name="seikyu")


if __name__ == "__main__":
    main()
