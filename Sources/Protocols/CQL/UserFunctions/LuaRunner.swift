import Base
import CLua
import Node
import Reactor
import Types

/// Runs the Lua of users' functions, in the sandbox that Redis' scripts have, without their commands. What has
/// been compiled is kept by its text. Lives on: its shard.
final class LuaRunner {
  /// What the interpreter may hold.
  private static let memoryMax = 64 << 20
  /// What one call may do: the shard does nothing else meanwhile. Lua asks after each 100,000 instructions.
  /// Counted, and not timed, so that a call ends the same on a busy machine and in simulation.
  private static let interruptsMax = 100

  private unowned let shard: NodeShard
  private var state: OpaquePointer?
  private var names: [String: String] = [:]
  private var interrupts = 0

  init(_ shard: NodeShard) { self.shard = shard }

  deinit { if let state { cl_free(state) } }

  static func of(_ shard: NodeShard) -> LuaRunner {
    shard.local(LuaRunner.self) { LuaRunner(shard) }
  }

  /// Arguments and result are JSON: a list of the arguments, and a list with the result. The error says what
  /// Lua says.
  func call(_ program: String, _ arguments: String) throws(CQLError) -> String {
    let name = try compiled(program)
    guard let state else { throw .invalid("no memory for Lua") }
    interrupts = 0
    let context = Unmanaged.passUnretained(self).toOpaque()
    let seed = shard.reactor.random.next()
    let bytes = Array(arguments.utf8)
    let status = bytes.withUnsafeBufferPointer { buffer in
      var argument = cl_slice(bytes: buffer.baseAddress, count: buffer.count)
      return name.withCString { name in
        withUnsafePointer(to: &argument) { argument in
          var request = cl_run_request()
          request.name = name
          request.shown = name
          request.arguments = argument
          request.argument_count = 1
          request.resp = 2
          request.seed = seed
          return cl_run(state, context, &request)
        }
      }
    }
    let reply = output(state)
    shrink()
    guard Int(status) == CL_DONE, reply.first == UInt8(ascii: "$") else {
      throw .invalid(Self.message(reply))
    }
    // `$length`, the text, and the ends of both lines.
    guard let line = reply.firstIndex(of: 10), reply.count >= line + 3 else {
      throw .invalid("Lua gave no value")
    }
    return String(decoding: reply[(line + 1)..<(reply.count - 2)], as: UTF8.self)
  }

  private static func message(_ reply: [UInt8]) -> String {
    let text = String(decoding: reply, as: UTF8.self)
    let bare = text.hasPrefix("-ERR ") ? text.dropFirst(5) : text[...]
    return String(bare.prefix { $0 != "\r\n" && $0 != "\r" && $0 != "\n" })
  }

  /// Compiles the program, if it is not yet; its name.
  private func compiled(_ program: String) throws(CQLError) -> String {
    if state != nil, let name = names[program] { return name }
    if state == nil {
      names = [:]
      state = cl_new(Self.memoryMax, Self.callbacks)
    }
    guard let state else { throw .invalid("no memory for Lua") }
    let name = "u_\(names.count)"
    let bytes = Array(program.utf8)
    let status = bytes.withUnsafeBufferPointer { buffer in
      cl_define(state, name, cl_slice(bytes: buffer.baseAddress, count: buffer.count))
    }
    guard Int(status) == CL_DONE else {
      throw .invalid(String(decoding: output(state), as: UTF8.self))
    }
    names[program] = name
    return name
  }

  func check(_ program: String) throws(CQLError) { _ = try compiled(program) }

  /// Begins with an empty one where it is nearly full.
  private func shrink() {
    guard let full = state, cl_memory(full) > Self.memoryMax / 2 else { return }
    cl_free(full)
    state = nil
  }

  private func output(_ state: OpaquePointer) -> [UInt8] {
    let slice = cl_output(state)
    return Array(UnsafeBufferPointer(start: slice.bytes, count: slice.count))
  }

  // MARK: What Lua calls

  private static var callbacks: cl_callbacks {
    cl_callbacks(
      call: { runner, _, _, _ in
        LuaRunner.of(runner).say("functions of CQL run no commands")
        return Int32(CL_REFUSED)
      },
      allows: { _, _, _ in -1 },
      interrupt: { runner in LuaRunner.of(runner).interrupt() ? 1 : 0 },
      log: { _, _, _, _ in })
  }

  private static func of(_ pointer: UnsafeMutableRawPointer?) -> LuaRunner {
    guard let pointer else { fatalError("invariant: Lua calls with the runner that it was given") }
    return Unmanaged<LuaRunner>.fromOpaque(pointer).takeUnretainedValue()
  }

  private func interrupt() -> Bool {
    interrupts += 1
    guard interrupts > Self.interruptsMax else { return false }
    say("ERR the function has run more than \(Self.interruptsMax / 10) million instructions")
    return true
  }

  private func say(_ text: String) {
    guard let state else { return }
    Array(text.utf8).withUnsafeBufferPointer { cl_set_reply(state, $0.baseAddress, $0.count) }
  }
}

/// A user's function as a program that takes its arguments as JSON and gives its result so.
enum LuaProgram {
  /// Numbers are doubles in this Lua: a whole result is written as one, whatever its size.
  static func text(_ function: UserFunction) -> String {
    let names = function.parameters.map(\.name)
    let places = names.indices.map { "given[\($0 + 1)]" }
    let binding =
      names.isEmpty
      ? "" : "local \(names.joined(separator: ", ")) = \(places.joined(separator: ", "))"
    return """
      local given, encode, null, format, floor = cjson.decode(ARGV[1]), cjson.encode, cjson.null, string.format, math.floor
      for i = 1, \(names.count) do if given[i] == null then given[i] = nil end end
      local result = (function(redis, server, KEYS, ARGV) \(binding)
      \(function.body)
      end)()
      if result == nil or result == null then return '[null]' end
      if type(result) == 'number' then
        if result == floor(result) and result > -2^63 and result < 2^63 then return '[' .. format('%.0f', result) .. ']' end
        return '[' .. format('%.17g', result) .. ']'
      end
      return encode({result})
      """
  }
}
