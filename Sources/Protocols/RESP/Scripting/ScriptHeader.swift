import Base

/// What a script or a function says of itself.
struct ScriptFlags: OptionSet, Sendable {
  var rawValue: UInt32
  static let noWrites = ScriptFlags(rawValue: 1 << 0)
  static let allowOOM = ScriptFlags(rawValue: 1 << 1)
  static let allowStale = ScriptFlags(rawValue: 1 << 2)
  static let noCluster = ScriptFlags(rawValue: 1 << 3)
  static let allowCrossSlotKeys = ScriptFlags(rawValue: 1 << 4)

  /// In the order in which they are listed.
  static let names: [(name: String, flag: ScriptFlags)] = [
    ("no-writes", .noWrites), ("allow-oom", .allowOOM), ("allow-stale", .allowStale),
    ("no-cluster", .noCluster), ("allow-cross-slot-keys", .allowCrossSlotKeys),
  ]
}

/// The first line of a script, `#!lua flags=…`, where it has one.
struct ScriptHeader {
  var flags: ScriptFlags = []
  /// The script has said its flags.
  var isDeclared = false
  /// Bytes before the code; the line's end is part of the code, so that lines keep their numbers.
  var length = 0

  static func script(_ code: [UInt8]) throws(CommandStop) -> ScriptHeader {
    guard code.starts(with: "#!".utf8) else { return ScriptHeader() }
    guard let end = code.firstIndex(of: UInt8(ascii: "\n")) else {
      throw .error("ERR Invalid script shebang")
    }
    guard let words = InlineWords.split(code[..<end]), let engine = words.first else {
      throw .error("ERR Invalid engine in script shebang")
    }
    guard engine == Array("#!lua".utf8) else {
      throw .error("ERR Unexpected engine in script shebang: \(text(engine))")
    }
    var header = ScriptHeader(flags: [], isDeclared: true, length: end)
    for word in words.dropFirst() {
      guard word.starts(with: "flags=".utf8) else {
        throw .error("ERR Unknown lua shebang option: \(text(word))")
      }
      for name in word.dropFirst("flags=".utf8.count).split(separator: UInt8(ascii: ",")) {
        let name = String(decoding: name, as: UTF8.self)
        guard let known = ScriptFlags.names.first(where: { $0.name == name }) else {
          throw .error("ERR Unexpected flag in script shebang: \(name)")
        }
        header.flags.insert(known.flag)
      }
    }
    return header
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// The first line of a library, `#!lua name=…`.
struct LibraryHeader {
  let engine: String
  let name: String
  let length: Int

  init(_ code: [UInt8]) throws(CommandStop) {
    guard code.starts(with: "#!".utf8) else { throw .error("ERR Missing library metadata") }
    guard let end = code.firstIndex(of: UInt8(ascii: "\n")),
      let words = InlineWords.split(code[..<end]), let first = words.first
    else { throw .error("ERR Invalid library metadata") }
    engine = String(decoding: first.dropFirst(2), as: UTF8.self)
    length = end
    var name: String?
    for word in words.dropFirst() {
      let text = String(decoding: word, as: UTF8.self)
      guard text.lowercased().hasPrefix("name=") else {
        throw .error("ERR Invalid metadata value given: \(text)")
      }
      guard name == nil else {
        throw .error("ERR Invalid metadata value, name argument was given multiple times")
      }
      name = String(text.dropFirst("name=".count))
    }
    guard let name else { throw .error("ERR Library name was not given") }
    self.name = name
    guard Self.isName(name) else {
      throw .error(
        "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least "
          + "one character long")
    }
    guard engine.lowercased() == "lua" else { throw .error("ERR Engine '\(engine)' not found") }
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
      }
  }
}

/// A function that a library has registered.
struct LibraryFunction: Equatable, Sendable {
  var name: String
  var description: [UInt8]?
  var flags: ScriptFlags

  /// From what the interpreter says of a library: see functions.c.
  static func list(_ bytes: [UInt8]) -> [LibraryFunction] {
    var functions: [LibraryFunction] = []
    bytes.withUnsafeBytes { bytes in
      var position = 0
      func number() -> UInt32 {
        defer { position += 4 }
        return bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
      }
      func text(_ count: Int) -> [UInt8] {
        defer { position += count }
        return Array(bytes[position..<position + count])
      }
      while position < bytes.count {
        let name = String(decoding: text(Int(number())), as: UTF8.self)
        let count = number()
        let description = count == .max ? nil : text(Int(count))
        functions.append(
          LibraryFunction(
            name: name, description: description, flags: ScriptFlags(rawValue: number())))
      }
    }
    return functions
  }
}
