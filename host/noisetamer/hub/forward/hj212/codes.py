"""The numbers of HJ 212 that noise needs, and what each means. Pure.

HJ 212-2017 tables 5 to 9 and B.3; of HJ 212-2025 what public implementations quote of it.
"""

from collections.abc import Mapping

# Systems (ST).
NOISE_QUALITY, NOISE_SOURCE, DUST, EXCHANGE = "23", "36", "39", "91"
SYSTEMS: Mapping[str, str] = {
    NOISE_QUALITY: "quality of the sound environment",
    NOISE_SOURCE: "a source of noise",
    DUST: "dust of building sites",
    EXCHANGE: "exchange between systems",
}

# Commands (CN).
SET_TIMEOUT = "1000"
GET_TIME, SET_TIME, ASK_TIME, KEY = "1011", "1012", "1013", "1014"
GET_RTD_INTERVAL, SET_RTD_INTERVAL = "1061", "1062"
GET_MIN_INTERVAL, SET_MIN_INTERVAL = "1063", "1064"
SET_PASSWORD = "1072"
REAL_TIME, STOP_REAL_TIME = "2011", "2012"
DAY, MINUTE, SINGLE, HOUR, START_TIME = "2031", "2051", "2052", "2061", "2081"
SERIAL, INFORMATION, SET_INFORMATION = "3019", "3020", "3021"
REQUEST_ANSWER, RESULT, NOTICE_ANSWER, DATA_ANSWER, HEARTBEAT = (
    "9011",
    "9012",
    "9013",
    "9014",
    "9015",
)
COMMANDS: Mapping[str, str] = {
    SET_TIMEOUT: "time-out and re-sends are set",
    GET_TIME: "the clock is asked for or told",
    SET_TIME: "the clock is set",
    ASK_TIME: "a clock asks to be set",
    KEY: "a new key is asked for or given",
    GET_RTD_INTERVAL: "the interval of real-time data is asked for or told",
    SET_RTD_INTERVAL: "the interval of real-time data is set",
    GET_MIN_INTERVAL: "the interval of minute data is asked for or told",
    SET_MIN_INTERVAL: "the interval of minute data is set",
    SET_PASSWORD: "the password is set",
    REAL_TIME: "real-time data",
    STOP_REAL_TIME: "real-time data is stopped",
    DAY: "data of days",
    MINUTE: "data of minutes",
    SINGLE: "data of one measurement of noise",
    HOUR: "data of hours",
    START_TIME: "when the data logger was started",
    SERIAL: "the device's serial is asked for or told",
    INFORMATION: "information on the device is asked for or told",
    SET_INFORMATION: "a parameter of the device is set",
    REQUEST_ANSWER: "answer to a request",
    RESULT: "what became of a request",
    NOTICE_ANSWER: "answer to a notice",
    DATA_ANSWER: "answer to data",
    HEARTBEAT: "heartbeat",
}

# What answers a request (QnRtn), and what became of it (ExeRtn).
READY, REFUSED, WRONG_PW, WRONG_MN, WRONG_ST, WRONG_FLAG, WRONG_QN, WRONG_CN, WRONG_CHECK = range(
    1, 10
)
NOT_KNOWN = 100
QN_RETURNS: Mapping[int, str] = {
    READY: "will be done",
    REFUSED: "the request is refused",
    WRONG_PW: "PW is wrong",
    WRONG_MN: "MN is wrong",
    WRONG_ST: "ST is wrong",
    WRONG_FLAG: "Flag is wrong",
    WRONG_QN: "QN is wrong",
    WRONG_CN: "CN is wrong",
    WRONG_CHECK: "the check is wrong",
    NOT_KNOWN: "unknown error",
}
DONE, FAILED, WRONG_CONDITION, TIMED_OUT, BUSY, BROKEN = range(1, 7)
NO_DATA = 100
EXE_RETURNS: Mapping[int, str] = {
    DONE: "it was done",
    FAILED: "failed, not known why",
    WRONG_CONDITION: "what was asked cannot be",
    TIMED_OUT: "timed out",
    BUSY: "too busy",
    BROKEN: "a fault of the system",
    NO_DATA: "there is no data",
}

MARKS: Mapping[str, str] = {
    "N": "the instrument works",
    "F": "the instrument is out of service",
    "M": "the instrument is under maintenance",
    "S": "entered by hand",
    "D": "the instrument is faulty",
    "C": "the instrument is being calibrated",
    "T": "above what the instrument can measure",
    "B": "no connection between instrument and data logger",
}
"""Marks of data (xx-Flag)."""

FACTORS: Mapping[str, str] = {
    "LA": "A-weighted level, one second",
    "Leq": "equivalent level",
    "L5": "level exceeded in 5 % of the time",
    "L10": "level exceeded in 10 % of the time",
    "L50": "level exceeded in 50 % of the time",
    "L90": "level exceeded in 90 % of the time",
    "L95": "level exceeded in 95 % of the time",
    "LMx": "highest level",
    "LMn": "lowest level",
    "Ld": "equivalent level by day",
    "Ln": "equivalent level by night",
    "Ldn": "equivalent level of the day, its night 10 dB heavier",
}
"""Codes of noise, all N3.1 in dB; case counts."""

KINDS_OF_VALUE: Mapping[str, str] = {
    "Rtd": "at this moment",
    "Data": "over the period",
    "DayData": "in the day, 06:00 to 22:00",
    "NightData": "in the night",
    "Flag": "mark",
    "SN": "serial",
    "Info": "information",
}
"""What follows the code and a hyphen."""

FIELDS: Mapping[str, str] = {
    "QN": "name of the exchange: when it began, to the millisecond",
    "ST": "system",
    "CN": "command",
    "PW": "password",
    "MN": "the device",
    "Flag": "version, packet numbers, whether an answer is wanted",
    "PNUM": "of so many packets",
    "PNO": "the packet of this number",
    "RF": "sent after its time",
    "DataTime": "time of the data",
    "SystemTime": "the clock",
    "RestartTime": "when it was started",
    "QnRtn": "answer",
    "ExeRtn": "result",
    "RtdInterval": "interval of real-time data, s",
    "MinInterval": "interval of minute data, min",
    "OverTime": "time-out, s",
    "ReCount": "re-sends",
    "BeginTime": "from",
    "EndTime": "to",
    "PolId": "factor",
    "InfoId": "which information",
    "SKCreateTime": "when the key was made",
    "NewSK": "the new key",
    "NewPW": "the new password",
}

RTD_INTERVALS = range(30, 3601)
"""s, HJ 212-2017 table 10."""
MIN_INTERVALS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
"""min; of noise HJ 212-2025 has 1 only."""


def is_encrypted(command: str) -> bool:
    """Whether an instrument sends it encrypted where it encrypts at all: HJ 212-2025 6.4.4."""
    return "2000" <= command <= "2999" or command in (KEY, INFORMATION)
