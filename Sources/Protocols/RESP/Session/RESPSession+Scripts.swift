import Base
import Node
import Types

extension RESPSession {
  /// The commands with the code that they name: EVALSHA's script, FCALL's library. What is not found stays
  /// without, and its command says so when it runs. Fails where the libraries cannot be loaded here.
  func withCode(_ commands: [QueuedCommand]) async throws(KernelError) -> [QueuedCommand] {
    var found = commands
    for place in found.indices {
      let command = found[place].arguments
      guard command.count >= 3, let name = CommandTable.find(command)?.name else { continue }
      switch name {
      case "eval", "eval_ro": noteScript(command.array(1))
      case "evalsha", "evalsha_ro":
        guard command[1].count == 40 else { continue }
        found[place].code = await ScriptCache.find(command.text(1).lowercased(), shard)
      case "fcall", "fcall_ro":
        found[place].code = try library(of: command[1])
      default: continue
      }
    }
    return found
  }

  /// A script, or a function, that has said that it writes nothing.
  func declaresNoWrites(_ command: CommandArguments, _ name: String) async -> Bool {
    do throws(CommandStop) {
      switch name {
      case "eval": return try ScriptHeader.script(command.array(1)).flags.contains(.noWrites)
      case "evalsha":
        let code = await ScriptCache.find(command.text(1).lowercased(), shard)
        return try ScriptHeader.script(code ?? []).flags.contains(.noWrites)
      case "fcall":
        let function = try FunctionLibraries.of(shard).find(command[1])?.1
        return function?.flags.contains(.noWrites) ?? false
      default: return false
      }
    } catch {
      // The run that follows ends with the same error.
      return false
    }
  }

  /// EVALSHA finds scripts that EVAL has brought, if they can be compiled; why one cannot, its run says.
  private func noteScript(_ code: [UInt8]) {
    let sha = ScriptHash.of(code)
    if ScriptCache.of(shard).has(sha) { return }
    do throws(CommandStop) {
      _ = try ScriptInterpreter.of(shard).define(code, sha: sha)
    } catch {
      // The run that follows ends with the same error.
      return
    }
    ScriptCache.note(code, sha: sha, shard)
  }

  /// Nil: no library has the function.
  private func library(of function: ArraySlice<UInt8>) throws(KernelError) -> [UInt8]? {
    do throws(CommandStop) {
      return try FunctionLibraries.of(shard).find(function)?.0.code
    } catch {
      guard case .error(let text) = error else {
        fatalError("invariant: loading libraries ended with \(error)")
      }
      let reason = text.hasPrefix("ERR ") ? String(text.dropFirst(4)) : text
      throw .user(SQLError("XX000", "the libraries of functions cannot be loaded: \(reason)"))
    }
  }
}
