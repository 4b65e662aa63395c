"""The command line, `seikyu …`: the composition root, the only place that may start every program."""


def main() -> None:
    """Run the command line."""


if __name__ == "__main__":
    main()
