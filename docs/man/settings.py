"""Writes the settings into parlor.conf(5).

usage: settings.py parlor.conf.5 settings.def

Every line of settings.def becomes an entry under the heading SETTINGS.
"""
import re
import sys
import textwrap

WIDTH = 60  # characters; a line of mdoc has at most 80 bytes
USERS = {
    "ALL": "Read by all programs.",
    "SERVERS": "Read by\n.Xr parlor-api 8\nand\n.Xr parlor-poller 8 .",
    "API": "Read by\n.Xr parlor-api 8 .",
    "POLLER": "Read by\n.Xr parlor-poller 8 .",
}
TEXT = re.compile(r'^SETTING_TEXT\((\w+), "(.*?)", (\w+), "(.*)"\)$')
NUMBER = re.compile(r'^SETTING_INT\((\w+), (\d+), (\d+), (\d+), "(.*?)", (\w+), "(.*)"\)$')


def prose(text):
    """Lines of text that mdoc reads as text, with a capital and a full stop."""
    first = text.split()[0]
    if first.isalpha():
        text = text[0].upper() + text[1:]
    lines = textwrap.wrap(text.replace("\\", "\\e") + ".", WIDTH, break_on_hyphens=False)
    return "\n".join("\\&" + line if line[0] in ".'" else line for line in lines)


def entry(name, users, meaning, default):
    return f".It Cm {name}\n{prose(meaning)}\n{USERS[users]}\n{default}"


def entries(line):
    if found := TEXT.match(line):
        name, value, users, meaning = found.groups()
        said = f"The default is\n.Ql {value} ." if value else "The default is empty."
        if len(value) > WIDTH:
            said = f"The default is:\n.Bd -ragged -offset indent\n{textwrap.fill(value, WIDTH)}\n.Ed"
        return [entry(name, users, meaning, said)]
    if found := NUMBER.match(line):
        name, value, least, most, unit, users, meaning = found.groups()
        unit = f" {unit}" if unit else ""
        said = f"From {least} to {most}{unit}; the default is {value}."
        return [entry(name, users, meaning, said)]
    if line.startswith("SETTING_"):
        sys.exit(f"cannot be read: {line}")
    return []


with open(sys.argv[2], encoding="utf-8") as file:
    settings = [text for line in file for text in entries(line.rstrip())]
with open(sys.argv[1], encoding="utf-8") as file:
    page = file.read()
head, mark, rest = re.split(r'(?m)^(\.\\" Each setting .*\n)', page)
print(head + ".Bl -tag -width Ds\n" + "\n".join(settings) + "\n.El\n" + rest, end="")
