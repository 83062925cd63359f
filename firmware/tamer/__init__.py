"""The box: hear, judge, act, record, tell."""

VERSION = "0.1.0"
