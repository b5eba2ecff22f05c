import Base
import Fuzzing
import SimulatedServer
import Testing

@testable import RESP

/// Scripts and functions, run by sessions of a simulated node with several tablets.
struct ScriptTests {
  private static func replies(to commands: [[String]]) -> String {
    let server = SimulatedServer(seed: 7)
    defer { server.end() }
    var bytes: [UInt8] = []
    for command in commands {
      var request = ReplyWriter(version: 2)
      request.array(command.count)
      for word in command { request.bulk(word) }
      bytes += request.bytes
    }
    let client = ScriptedStream(pieces: [bytes])
    #expect(server.serve([client]))
    return String(decoding: client.received, as: UTF8.self).replacing("\r\n", with: "\n")
  }

  private static func eval(_ script: String, _ rest: String...) -> String {
    replies(to: [["EVAL", script, rest.isEmpty ? "0" : "\(rest.count)"] + rest])
  }

  @Test func valuesBecomeReplies() {
    let script = "return {1, 2.9, 'a', true, false, {ok='fine'}, {err='E x'}, {double=1.5}, nil, 7}"
    let expected = "*8\n:1\n:2\n$1\na\n:1\n$-1\n+fine\n-E x\n$3\n1.5\n"
    #expect(Self.eval(script) == expected)
    #expect(Self.eval("return {KEYS[1], KEYS[2], #ARGV}", "k", "l") == "*3\n$1\nk\n$1\nl\n:0\n")
  }

  @Test func errorsSayWhereTheyWere() {
    let sha = ScriptHash.of(Array("return redis.call('nosuch')".utf8))
    #expect(
      Self.eval("return redis.call('nosuch')")
        == "-ERR Unknown Redis command called from script script: \(sha), on @user_script:1.\n")
    #expect(
      Self.eval("return redis.pcall('incr')['err']").hasPrefix("$58\nERR Wrong number of args"))
    #expect(
      Self.eval("x y")
        == "-ERR Error compiling script (new function): user_script:1: '=' expected near 'y'\n")
  }

  /// Keys that the script has not named, on whichever tablets: it runs again with them, and what its
  /// earlier attempts did is gone.
  @Test func undeclaredKeysOfAllTablets() {
    let script = """
      for i = 1, 12 do redis.call('INCR', 'key' .. i) end
      local sum = 0
      for i = 1, 12 do sum = sum + redis.call('GET', 'key' .. i) end
      return sum
      """
    let expected = ":12\n:24\n*2\n$1\n2\n$1\n2\n"
    let found = Self.replies(to: [
      ["EVAL", script, "0"], ["EVAL", script, "1", "key5"], ["MGET", "key1", "key12"],
    ])
    #expect(found == expected)
  }

  /// What a script catches is not how it learns that it runs again.
  @Test func runningAgainCannotBeCaught() {
    let script = """
      local failures = 0
      for i = 1, 12 do
        if not pcall(redis.call, 'SET', 'key' .. i, i) then failures = failures + 1 end
        local thread = coroutine.create(function() redis.call('GET', 'other' .. i) end)
        if not coroutine.resume(thread) then failures = failures + 1 end
        if not xpcall(function() redis.call('GET', 'third' .. i) end, tostring) then
          failures = failures + 1
        end
      end
      return failures
      """
    #expect(Self.eval(script) == ":0\n")
  }

  @Test func wholeDatabases() {
    let keys = (1...9).flatMap { ["k\($0)", "v"] }
    let script = """
      local found = redis.call('KEYS', 'k*')
      for _, key in ipairs(found) do redis.call('DEL', key) end
      return {#found, redis.call('DBSIZE')}
      """
    let found = Self.replies(to: [
      ["MSET", "other", "1"] + keys, ["EVAL", script, "0"], ["DBSIZE"],
    ])
    #expect(found == "+OK\n*2\n:9\n:1\n:1\n")
  }

  @Test func scriptsAreFoundByTheirHashes() {
    let code = "return redis.call('INCR', KEYS[1])"
    let sha = ScriptHash.of(Array(code.utf8))
    let found = Self.replies(to: [
      ["EVALSHA", sha, "1", "a"], ["SCRIPT", "LOAD", code],
      ["EVALSHA", sha.uppercased(), "1", "a"],
      ["MULTI"], ["EVALSHA", sha, "1", "a"], ["EVALSHA", sha, "1", "b"], ["EXEC"],
      ["SCRIPT", "EXISTS", sha, "x"], ["SCRIPT", "FLUSH"], ["EVALSHA", sha, "1", "a"],
    ])
    let none = "-NOSCRIPT No matching script. Please use EVAL.\n"
    let expected =
      none + "$40\n\(sha)\n:1\n+OK\n+QUEUED\n+QUEUED\n*2\n:2\n:1\n*2\n:1\n:0\n+OK\n" + none
    #expect(found == expected)
  }

  @Test func globalsStayAsTheyAre() {
    let attempts = [
      "a = 1", "redis = 1", "redis.call = 1", "string.len = 1", "_G = {}", "rawset(_G, 'a', 1)",
      "setmetatable(_G, {})", "getmetatable(_G).__index = 1", "getmetatable('').__index = 1",
      "table.insert(redis, 1)", "cjson.x = 1", "rawset(string, 'x', 1)", "table.sort(math)",
    ]
    for attempt in attempts {
      let reply = Self.eval(attempt)
      #expect(reply.contains("Attempt to modify a readonly table"), "\(attempt): \(reply)")
    }
    for name in ["print", "dofile", "os", "io", "require", "debug", "setfenv", "newproxy", "foo"] {
      let reply = Self.eval("return \(name)")
      #expect(reply.contains("nonexistent global variable '\(name)'"), "\(name): \(reply)")
    }
  }

  @Test func functions() {
    let code = """
      #!lua name=counting
      local function step(keys) return redis.call('INCR', keys[1]) end
      redis.register_function('Up', step)
      redis.register_function{
        function_name='get', callback=function(keys) return redis.call('GET', keys[1]) end,
        flags={'no-writes'}, description='reads'}
      """
    let found = Self.replies(to: [
      ["FUNCTION", "LOAD", code], ["FUNCTION", "LOAD", code], ["FCALL", "up", "1", "a"],
      ["FCALL_RO", "get", "1", "a"], ["FCALL_RO", "Up", "1", "a"], ["FCALL", "none", "0"],
      ["FUNCTION", "LIST"], ["FUNCTION", "DELETE", "counting"], ["FCALL", "up", "1", "a"],
    ])
    let list = """
      *1
      *6
      $12
      library_name
      $8
      counting
      $6
      engine
      $3
      LUA
      $9
      functions
      *2
      *6
      $4
      name
      $2
      Up
      $11
      description
      $-1
      $5
      flags
      *0
      *6
      $4
      name
      $3
      get
      $11
      description
      $5
      reads
      $5
      flags
      *1
      +no-writes

      """
    #expect(
      found == "$8\ncounting\n-ERR Library 'counting' already exists\n:1\n$1\n1\n"
        + "-ERR Can not execute a script with write flag using *_ro command.\n"
        + "-ERR Function not found\n" + list + "+OK\n-ERR Function not found\n")
  }

  @Test func dumpsOfLibraries() throws {
    let libraries = [70, 16_000, 20_000].map { [UInt8](repeating: 97, count: $0) }
    let bytes = FunctionDump.bytes(libraries)
    #expect(try FunctionDump.libraries(bytes[...]) == libraries)
    for place in [0, bytes.count / 2, bytes.count - 1] {
      var damaged = bytes
      damaged[place] ^= 1
      #expect(throws: CommandStop.self) { try FunctionDump.libraries(damaged[...]) }
    }
    // Of no libraries, as the original writes it.
    #expect(
      FunctionDump.bytes([]) == [0x0A, 0x00] + [0x5D, 0x9B, 0x5C, 0x40, 0x0F, 0x7F, 0xA2, 0xDA])
  }

  @Test func headers() throws {
    let header = try ScriptHeader.script(Array("#!lua flags=no-writes,allow-oom\nreturn 1".utf8))
    #expect(header.flags == [.noWrites, .allowOOM] && header.isDeclared && header.length == 31)
    #expect(try LibraryHeader(Array("#!LUA name=\"a_b\"\n".utf8)).name == "a_b")
    for bad in ["#!lua", "#!js\n", "#!lua x=1\n", "#!lua flags=bad\n"] {
      #expect(throws: CommandStop.self) { try ScriptHeader.script(Array(bad.utf8)) }
    }
    for bad in [
      "return 1", "#!lua\n", "#!lua name=a name=b\n", "#!lua name=a-b\n", "#!js name=a\n",
    ] {
      #expect(throws: CommandStop.self) { try LibraryHeader(Array(bad.utf8)) }
    }
  }
}
