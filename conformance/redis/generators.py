"""Random commands, by type of key. Each takes a `random.Random` and gives a command as a list.

Keys begin with `k:`, few of each type and some shared, so that commands meet; now and then one has the wrong type.
"""

TYPES = ("s", "l", "h", "t", "z", "x", "b")


def key(draw, kind):
    if draw.random() < 0.02:
        kind = draw.choice(TYPES)
    return f"k:{kind}:{draw.randrange(6)}"


def word(draw):
    return draw.choice((
        "", "a", "b", "c", "foo", "bar", "x" * 70, "10", "-3", "3.5", "0", f"m{draw.randrange(40)}", "é\u4e2d",
        "with space", "9223372036854775807", "nan", "1e5"))


def number(draw):
    return draw.choice((0, 1, -1, 2, 5, -5, 10, 100, 2**31, 2**63 - 1, -(2**63), draw.randrange(-50, 50)))


def small(draw):
    return draw.randrange(-8, 9)


def score(draw):
    return draw.choice(("0", "1", "-1", "1.5", "inf", "-inf", "3.25", str(draw.randrange(-20, 20)), "1e3", "x"))


def bound(draw):
    return draw.choice(("-inf", "+inf", "(1", "(0", "1", "5", "-5", "(3.25", "10", "x"))


def lex(draw):
    return draw.choice(("-", "+", "[a", "(a", "[m1", "(m3", "[foo", "x"))


def maybe(draw, *items, chance=0.3):
    return list(items) if draw.random() < chance else []


def words(draw, most=4):
    return [word(draw) for _ in range(draw.randrange(1, most + 1))]


STRINGS = [
    lambda d: ["SET", key(d, "s"), word(d)],
    lambda d: ["SET", key(d, "s"), number(d)],
    lambda d: ["SET", key(d, "s"), word(d), *d.choice(([], ["NX"], ["XX"], ["GET"], ["KEEPTTL"], ["NX", "XX"],
                                                       ["EX", 100], ["PX", 100000], ["EX", 0], ["EX", "x"]))],
    lambda d: ["GET", key(d, "s")],
    lambda d: ["STRLEN", key(d, "s")],
    lambda d: ["INCR", key(d, "s")],
    lambda d: ["DECR", key(d, "s")],
    lambda d: ["INCRBY", key(d, "s"), number(d)],
    lambda d: ["DECRBY", key(d, "s"), number(d)],
    lambda d: ["MGET", key(d, "s"), key(d, "s"), key(d, "h")],
    lambda d: ["MSET", key(d, "s"), word(d), key(d, "s"), word(d)],
]

STRINGS_MORE = [
    lambda d: ["APPEND", key(d, "s"), word(d)],
    lambda d: ["GETRANGE", key(d, "s"), small(d), small(d)],
    lambda d: ["SETRANGE", key(d, "s"), d.randrange(-1, 20), word(d)],
    lambda d: ["GETSET", key(d, "s"), word(d)],
    lambda d: ["GETDEL", key(d, "s")],
    lambda d: ["GETEX", key(d, "s"), *d.choice(([], ["PERSIST"], ["EX", 100], ["PX", 100000]))],
    lambda d: ["SETNX", key(d, "s"), word(d)],
    lambda d: ["SETEX", key(d, "s"), d.choice((0, 100, "x")), word(d)],
    lambda d: ["MSETNX", key(d, "s"), word(d), key(d, "s"), word(d)],
    lambda d: ["INCRBYFLOAT", key(d, "s"), d.choice(("0.1", "3", "-1.5", "x", "1e20"))],
    lambda d: ["LCS", key(d, "s"), key(d, "s"), *d.choice(([], ["LEN"], ["IDX"], ["IDX", "WITHMATCHLEN"]))],
]

BITS = [
    lambda d: ["SETBIT", key(d, "b"), d.randrange(0, 100), d.choice((0, 1, 1, 2))],
    lambda d: ["GETBIT", key(d, "b"), d.randrange(0, 100)],
    lambda d: ["BITCOUNT", key(d, "b"), *maybe(d, small(d), small(d), *d.choice(([], ["BIT"], ["BYTE"])))],
    lambda d: ["BITPOS", key(d, "b"), d.choice((0, 1, 2)), *maybe(d, small(d), *maybe(d, small(d)))],
    lambda d: ["BITOP", d.choice(("AND", "OR", "XOR", "NOT")), key(d, "b"), key(d, "b"), *maybe(d, key(d, "s"))],
    lambda d: ["BITFIELD", key(d, "b"), *d.choice((
        ["GET", "u8", 0], ["SET", "i5", "#1", 7], ["INCRBY", "u4", 3, 9], ["OVERFLOW", "SAT", "INCRBY", "i8", 0, 100],
        ["OVERFLOW", "FAIL", "INCRBY", "u2", 0, 3], ["GET", "u64", 0]))],
]

KEYS = [
    lambda d: ["DEL", key(d, d.choice(TYPES)), key(d, d.choice(TYPES))],
    lambda d: ["EXISTS", key(d, d.choice(TYPES)), key(d, d.choice(TYPES))],
    lambda d: ["TYPE", key(d, d.choice(TYPES))],
    lambda d: ["DBSIZE"],
]

KEYS_MORE = [
    lambda d: ["EXPIRE", key(d, d.choice(TYPES)), d.choice((100, 1000, -1, "x")),
               *maybe(d, d.choice(("NX", "XX", "GT", "LT")))],
    lambda d: ["TTL", key(d, d.choice(TYPES))],
    lambda d: ["PTTL", key(d, d.choice(TYPES))],
    lambda d: ["PERSIST", key(d, d.choice(TYPES))],
    lambda d: ["RENAME", key(d, d.choice(TYPES)), key(d, d.choice(TYPES))],
    lambda d: ["RENAMENX", key(d, d.choice(TYPES)), key(d, d.choice(TYPES))],
    lambda d: ["COPY", key(d, d.choice(TYPES)), key(d, d.choice(TYPES)), *maybe(d, "REPLACE")],
    lambda d: ["TOUCH", key(d, d.choice(TYPES))],
    lambda d: ["KEYS", d.choice(("*", "k:s:*", "k:?:1", "k:[sh]:*", "nothing"))],
    lambda d: ["SORT", key(d, d.choice(("l", "t", "z"))), "ALPHA", *maybe(d, "DESC"), *maybe(d, "LIMIT", 1, 3)],
]

HASHES = [
    lambda d: ["HSET", key(d, "h"), word(d), word(d), *maybe(d, word(d), word(d))],
    lambda d: ["HSETNX", key(d, "h"), word(d), word(d)],
    lambda d: ["HGET", key(d, "h"), word(d)],
    lambda d: ["HMGET", key(d, "h"), *words(d)],
    lambda d: ["HGETALL", key(d, "h")],
    lambda d: ["HDEL", key(d, "h"), *words(d)],
    lambda d: ["HLEN", key(d, "h")],
    lambda d: ["HSTRLEN", key(d, "h"), word(d)],
    lambda d: ["HEXISTS", key(d, "h"), word(d)],
    lambda d: ["HKEYS", key(d, "h")],
    lambda d: ["HVALS", key(d, "h")],
    lambda d: ["HINCRBY", key(d, "h"), word(d), number(d)],
    lambda d: ["HINCRBYFLOAT", key(d, "h"), word(d), d.choice(("0.5", "-2", "x", "1e10"))],
    lambda d: ["HMSET", key(d, "h"), word(d), word(d)],
    lambda d: ["HSCAN", key(d, "h"), 0, "COUNT", 1000, *maybe(d, "MATCH", "m*")],
    lambda d: ["HRANDFIELD", key(d, "h"), d.choice((0, 100, "x", -(2**63))), *maybe(d, "WITHVALUES")],
]

SETS = [
    lambda d: ["SADD", key(d, "t"), *words(d)],
    lambda d: ["SREM", key(d, "t"), *words(d)],
    lambda d: ["SISMEMBER", key(d, "t"), word(d)],
    lambda d: ["SMISMEMBER", key(d, "t"), *words(d)],
    lambda d: ["SCARD", key(d, "t")],
    lambda d: ["SMEMBERS", key(d, "t")],
    lambda d: ["SMOVE", key(d, "t"), key(d, "t"), word(d)],
    lambda d: [d.choice(("SINTER", "SUNION", "SDIFF")), key(d, "t"), key(d, "t"), *maybe(d, key(d, "t"))],
    lambda d: [d.choice(("SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE")), key(d, "t"), key(d, "t"), key(d, "t")],
    lambda d: ["SINTERCARD", 2, key(d, "t"), key(d, "t"), *maybe(d, "LIMIT", d.choice((0, 1, 2, -1)))],
    lambda d: ["SSCAN", key(d, "t"), 0, "COUNT", 1000, *maybe(d, "MATCH", "*a*")],
    lambda d: ["SPOP", key(d, "t"), d.choice((0, 100, -1, "x"))],
    lambda d: ["SRANDMEMBER", key(d, "t"), d.choice((0, 100, "x", -(2**63)))],
]

ZSETS = [
    lambda d: ["ZADD", key(d, "z"), *maybe(d, d.choice(("NX", "XX", "GT", "LT", "CH"))), score(d), word(d),
               *maybe(d, score(d), word(d))],
    lambda d: ["ZADD", key(d, "z"), "INCR", score(d), word(d)],
    lambda d: ["ZINCRBY", key(d, "z"), score(d), word(d)],
    lambda d: ["ZSCORE", key(d, "z"), word(d)],
    lambda d: ["ZMSCORE", key(d, "z"), *words(d)],
    lambda d: ["ZCARD", key(d, "z")],
    lambda d: ["ZREM", key(d, "z"), *words(d)],
    lambda d: ["ZRANK", key(d, "z"), word(d)],
    lambda d: ["ZREVRANK", key(d, "z"), word(d)],
    lambda d: ["ZCOUNT", key(d, "z"), bound(d), bound(d)],
    lambda d: ["ZRANGE", key(d, "z"), small(d), small(d), *maybe(d, "REV"), *maybe(d, "WITHSCORES")],
    lambda d: ["ZRANGE", key(d, "z"), bound(d), bound(d), "BYSCORE", *maybe(d, "REV"), *maybe(d, "LIMIT", 0, 3)],
    lambda d: ["ZRANGEBYSCORE", key(d, "z"), bound(d), bound(d), *maybe(d, "WITHSCORES"), *maybe(d, "LIMIT", 1, 2)],
    lambda d: ["ZREVRANGEBYSCORE", key(d, "z"), bound(d), bound(d), *maybe(d, "WITHSCORES")],
    lambda d: ["ZREVRANGE", key(d, "z"), small(d), small(d), *maybe(d, "WITHSCORES")],
    lambda d: ["ZRANGE", key(d, "z"), lex(d), lex(d), *maybe(d, "REV"), *maybe(d, "LIMIT", 0, small(d))],
    lambda d: ["ZRANGESTORE", key(d, "z"), key(d, "z"), small(d), small(d)],
    lambda d: ["ZRANGESTORE", key(d, "z"), key(d, "z"), bound(d), bound(d), "BYSCORE", *maybe(d, "LIMIT", small(d), small(d))],
    lambda d: ["ZMPOP", d.choice((0, 1, 2)), key(d, "z"), key(d, "z"), d.choice(("MIN", "MAX", "x")),
               *maybe(d, "COUNT", d.choice((0, 1, 3)))],
    lambda d: [d.choice(("BZPOPMIN", "BZPOPMAX")), key(d, "z"), key(d, "z"), d.choice(("0.01", "-1", "x"))],
    lambda d: ["ZRANDMEMBER", key(d, "z"), d.choice((0, "x", -(2**63))), *maybe(d, "WITHSCORES")],
    lambda d: ["ZINTERCARD", 2, key(d, "z"), key(d, d.choice("zt")), *maybe(d, "LIMIT", d.choice((0, 1, -1)))],
    lambda d: ["ZDIFFSTORE", key(d, "z"), 2, key(d, "z"), key(d, d.choice("zt"))],
    lambda d: ["ZSCAN", key(d, "z"), 0, "COUNT", 1000, *maybe(d, "MATCH", "m*")],
    lambda d: ["ZPOPMIN", key(d, "z"), *maybe(d, d.choice((0, 1, 2, -1)))],
    lambda d: ["ZPOPMAX", key(d, "z"), *maybe(d, d.choice((0, 1, 2, -1)))],
    lambda d: ["ZREMRANGEBYRANK", key(d, "z"), small(d), small(d)],
    lambda d: ["ZREMRANGEBYSCORE", key(d, "z"), bound(d), bound(d)],
    lambda d: [d.choice(("ZUNION", "ZINTER", "ZDIFF")), 2, key(d, "z"), key(d, d.choice("zt")), *maybe(d, "WITHSCORES")],
    lambda d: [d.choice(("ZUNIONSTORE", "ZINTERSTORE")), key(d, "z"), 2, key(d, "z"), key(d, "z"),
               *maybe(d, "WEIGHTS", 2, "0.5"), *maybe(d, "AGGREGATE", d.choice(("SUM", "MIN", "MAX")))],
]

# Members whose scores are all the same: only then the original's answers about ranges of members are defined.
LEXES = [
    lambda d: ["ZADD", f"k:y:{d.randrange(3)}", 0, word(d), 0, word(d)],
    lambda d: ["ZREM", f"k:y:{d.randrange(3)}", word(d)],
    lambda d: ["ZLEXCOUNT", f"k:y:{d.randrange(3)}", lex(d), lex(d)],
    lambda d: ["ZRANGEBYLEX", f"k:y:{d.randrange(3)}", lex(d), lex(d), *maybe(d, "LIMIT", small(d), small(d))],
    lambda d: ["ZREVRANGEBYLEX", f"k:y:{d.randrange(3)}", lex(d), lex(d), *maybe(d, "LIMIT", small(d), small(d))],
    lambda d: ["ZRANGE", f"k:y:{d.randrange(3)}", lex(d), lex(d), "BYLEX", *maybe(d, "REV"), *maybe(d, "WITHSCORES"),
               *maybe(d, "LIMIT", small(d), small(d))],
    lambda d: ["ZREMRANGEBYLEX", f"k:y:{d.randrange(3)}", lex(d), lex(d)],
]


def place(draw):
    return [f"{draw.uniform(-190, 190):.6f}" if draw.random() < 0.05 else f"{draw.uniform(10, 20):.6f}",
            f"{draw.uniform(30, 45):.6f}"]


def unit(draw):
    return draw.choice(("m", "km", "KM", "mi", "ft", "m", "x"))


def geo(draw):
    return f"k:g:{draw.randrange(3)}"


def shape(draw):
    return draw.choice((
        ["FROMMEMBER", f"m{draw.randrange(40)}"], ["FROMLONLAT", *place(draw)], [], ["FROMMEMBER"])) + draw.choice((
            ["BYRADIUS", draw.choice((0, 1, 200, 1000, -1)), unit(draw)],
            ["BYBOX", draw.choice((0, 300, 900)), draw.choice((100, 700, -1)), unit(draw)], []))


# Distances differ in their order where they are equal, so all but a few results are ordered.
GEOS = [
    lambda d: ["GEOADD", geo(d), *maybe(d, d.choice(("NX", "XX", "CH", "x")), chance=0.1),
               *place(d), f"m{d.randrange(40)}", *maybe(d, *place(d), f"m{d.randrange(40)}")],
    lambda d: ["GEOPOS", geo(d), f"m{d.randrange(40)}", word(d)],
    lambda d: ["GEOHASH", geo(d), f"m{d.randrange(40)}", word(d)],
    lambda d: ["GEODIST", geo(d), f"m{d.randrange(40)}", f"m{d.randrange(40)}", *maybe(d, unit(d))],
    lambda d: ["GEOSEARCH", geo(d), *shape(d), d.choice(("ASC", "DESC")),
               *maybe(d, "COUNT", d.choice((0, 1, 5)), *maybe(d, "ANY")),
               *maybe(d, "WITHDIST"), *maybe(d, "WITHCOORD"), *maybe(d, "WITHHASH")],
    lambda d: ["GEOSEARCHSTORE", geo(d), geo(d), *shape(d), *maybe(d, "COUNT", 3), *maybe(d, "STOREDIST", chance=0.1)],
    lambda d: [d.choice(("GEORADIUS", "GEORADIUS_RO")), geo(d), *place(d), d.choice((100, 500)), unit(d), "ASC",
               *maybe(d, "WITHDIST"), *maybe(d, "COUNT", 2), *maybe(d, "STORE", geo(d))],
    lambda d: [d.choice(("GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO")), geo(d), f"m{d.randrange(40)}",
               d.choice((100, 500)), unit(d), "DESC", *maybe(d, "WITHHASH")],
    lambda d: ["ZRANGE", geo(d), 0, -1, "WITHSCORES"],
    lambda d: ["ZREM", geo(d), f"m{d.randrange(40)}"],
]

LISTS = [
    lambda d: [d.choice(("LPUSH", "RPUSH", "LPUSHX", "RPUSHX")), key(d, "l"), *words(d)],
    lambda d: [d.choice(("LPOP", "RPOP")), key(d, "l"), *maybe(d, d.choice((0, 1, 3, -1)))],
    lambda d: ["LLEN", key(d, "l")],
    lambda d: ["LRANGE", key(d, "l"), small(d), small(d)],
    lambda d: ["LINDEX", key(d, "l"), small(d)],
    lambda d: ["LSET", key(d, "l"), small(d), word(d)],
    lambda d: ["LINSERT", key(d, "l"), d.choice(("BEFORE", "AFTER", "x")), word(d), word(d)],
    lambda d: ["LREM", key(d, "l"), small(d), word(d)],
    lambda d: ["LTRIM", key(d, "l"), small(d), small(d)],
    lambda d: ["LPOS", key(d, "l"), word(d), *maybe(d, "RANK", small(d)), *maybe(d, "COUNT", d.choice((0, 1, 2)))],
    lambda d: ["LMOVE", key(d, "l"), key(d, "l"), d.choice(("LEFT", "RIGHT")), d.choice(("LEFT", "RIGHT"))],
    lambda d: ["RPOPLPUSH", key(d, "l"), key(d, "l")],
    lambda d: ["LMPOP", 2, key(d, "l"), key(d, "l"), d.choice(("LEFT", "RIGHT")), *maybe(d, "COUNT", 2)],
]


def stream_id(draw):
    return draw.choice(("-", "+", "1-1", "5-0", "10", f"{draw.randrange(60)}-{draw.randrange(4)}", "(5-0", "x"))


STREAMS = [
    lambda d: ["XADD", key(d, "x"), *maybe(d, "MAXLEN", d.choice((3, 10))), f"{d.randrange(60)}-{d.randrange(4)}",
               word(d), word(d)],
    lambda d: ["XLEN", key(d, "x")],
    lambda d: ["XRANGE", key(d, "x"), stream_id(d), stream_id(d), *maybe(d, "COUNT", 3)],
    lambda d: ["XREVRANGE", key(d, "x"), stream_id(d), stream_id(d)],
    lambda d: ["XDEL", key(d, "x"), f"{d.randrange(60)}-{d.randrange(4)}"],
    lambda d: ["XTRIM", key(d, "x"), "MAXLEN", d.randrange(12)],
    lambda d: ["XREAD", "COUNT", 3, "STREAMS", key(d, "x"), d.choice(("0", "5-0", "$"))],
    lambda d: ["XGROUP", "CREATE", key(d, "x"), d.choice(("g1", "g2")), d.choice(("0", "$", "5-0")), *maybe(d, "MKSTREAM")],
    lambda d: ["XREADGROUP", "GROUP", d.choice(("g1", "g2")), d.choice(("c1", "c2")), "COUNT", 2, "STREAMS", key(d, "x"),
               d.choice((">", "0", "5-0"))],
    lambda d: ["XACK", key(d, "x"), d.choice(("g1", "g2")), f"{d.randrange(60)}-{d.randrange(4)}"],
    lambda d: ["XPENDING", key(d, "x"), d.choice(("g1", "g2"))],
]

def group(draw):
    return draw.choice(("g1", "g2", "g3"))


def consumer(draw):
    return draw.choice(("c1", "c2", "c3"))


def plain_id(draw):
    return draw.choice((f"{draw.randrange(60)}-{draw.randrange(4)}", f"{draw.randrange(60)}", "x", "1-x"))


LISTS_MORE = [
    lambda d: [d.choice(("BLPOP", "BRPOP")), key(d, "l"), key(d, "l"), d.choice(("0.01", "-1", "x", "0.001"))],
    lambda d: ["BLMOVE", key(d, "l"), key(d, "l"), d.choice(("LEFT", "RIGHT", "x")), "LEFT", "0.01"],
    lambda d: ["BRPOPLPUSH", key(d, "l"), key(d, "l"), d.choice(("0.01", "inf", "1e400"))],
    lambda d: ["BLMPOP", d.choice(("0.01", "-1")), d.choice((1, 2, 0, 5)), key(d, "l"), key(d, "l"), "RIGHT",
               *maybe(d, "COUNT", d.choice((0, 3)))],
    lambda d: ["LPOS", key(d, "l"), word(d), "MAXLEN", d.choice((0, 2, -1)), "COUNT", d.choice((0, 2, -1))],
]

STREAMS_MORE = [
    lambda d: ["XADD", key(d, "x"), *maybe(d, "NOMKSTREAM"), *d.choice((
        [], ["MAXLEN", "=", 5], ["MAXLEN", "~", 5], ["MINID", "20"], ["MINID", "=", "30-1"], ["MAXLEN", 5, "LIMIT", 3],
        ["MAXLEN", "~", 5, "LIMIT", -1], ["MAXLEN", 5, "MINID", 3], ["LIMIT", 3])),
        d.choice((f"{d.randrange(60)}-*", f"{d.randrange(60)}", "0-0", "x-*", "-")), word(d), word(d),
        *maybe(d, word(d), chance=0.05)],
    lambda d: ["XTRIM", key(d, "x"), "MINID", plain_id(d)],
    lambda d: ["XREVRANGE", key(d, "x"), stream_id(d), stream_id(d), "COUNT", d.choice((0, 1, 2, -1))],
    lambda d: ["XREAD", "BLOCK", 5, "STREAMS", key(d, "x"), key(d, "x"), plain_id(d), "$"],
    lambda d: ["XREADGROUP", "GROUP", group(d), consumer(d), *maybe(d, "NOACK"), *maybe(d, "BLOCK", 5), "STREAMS",
               key(d, "x"), d.choice((">", "0", "$"))],
    lambda d: ["XGROUP", d.choice(("DESTROY", "x")), key(d, "x"), group(d)],
    lambda d: ["XGROUP", "SETID", key(d, "x"), group(d), d.choice(("0", "$", "20-1", "x")),
               *maybe(d, "ENTRIESREAD", d.choice((0, 3, -1, -2)))],
    lambda d: ["XGROUP", d.choice(("CREATECONSUMER", "DELCONSUMER")), key(d, "x"), group(d), consumer(d)],
    lambda d: ["XPENDING", key(d, "x"), group(d)],
    lambda d: ["XPENDING", key(d, "x"), group(d), "IDLE", 1000000, stream_id(d), stream_id(d), 3],
    lambda d: ["XCLAIM", key(d, "x"), group(d), consumer(d), d.choice((0, 0, 1000000)), plain_id(d), plain_id(d),
               *d.choice(([], ["JUSTID"], ["FORCE"], ["RETRYCOUNT", 3], ["LASTID", "20"], ["IDLE", "x"], ["bad"]))],
    lambda d: ["XAUTOCLAIM", key(d, "x"), group(d), consumer(d), 0, stream_id(d), *maybe(d, "COUNT", d.choice((0, 1, 2))),
               *maybe(d, "JUSTID")],
    lambda d: ["XACK", key(d, "x"), group(d), plain_id(d), plain_id(d)],
    lambda d: ["XINFO", "GROUPS", key(d, "x")],
    lambda d: ["XINFO", d.choice(("STREAM", "x")), key(d, "x")],
    lambda d: ["XSETID", key(d, "x"), plain_id(d), *maybe(d, "ENTRIESADDED", 100, "MAXDELETEDID", plain_id(d))],
    lambda d: ["DEL", key(d, "x")],
]

GROUPS = {
    "string": STRINGS, "string-more": STRINGS_MORE, "bits": BITS, "keys": KEYS, "keys-more": KEYS_MORE, "hash": HASHES,
    "set": SETS, "zset": ZSETS, "lex": LEXES, "geo": GEOS, "list": LISTS, "list-more": LISTS_MORE,
    "stream": STREAMS, "stream-more": STREAMS_MORE,
}
