"""Dated stories on test clocks, told with the official SDK; every event and every mail is named."""
