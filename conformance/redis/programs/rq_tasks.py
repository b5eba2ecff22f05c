"""Jobs that an RQ worker of the tests runs."""


def double(number):
    return number * 2


def fail():
    raise ValueError("as it should")
