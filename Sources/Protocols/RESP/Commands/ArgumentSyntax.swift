/// One argument in a command's documentation.
struct CommandArgument: Sendable, Equatable {
  var name: String
  /// As COMMAND DOCS names it: "string", "integer", "oneof" and so on.
  var type: String
  /// Stands before it, or alone.
  var token: String?
  var key: Int?
  var isOptional = false
  var isMultiple = false
  var repeatsToken = false
  /// Of "oneof" and "block".
  var parts: [CommandArgument] = []
}

/// Arguments in a short form: `name` is a text; `#name` an integer, `~name` a floating-point number, `@name`
/// a key (`;1`: found by that specification), `*name` a pattern, `!name` a time; `'WORD` stands for itself
/// (`'WORD=name` where its name differs); `WORD>…` has the word before it; `name:(… | …)` is one of
/// several, `name:{…}` all of them; `[…]` may be missing; `+` behind it: several, `++`: each with its word.
struct ArgumentSyntax {
  private let text: [Character]
  private var position = 0

  private init(_ text: String) { self.text = Array(text) }

  static func parse(_ text: String) -> [CommandArgument] {
    var syntax = ArgumentSyntax(text)
    return syntax.list()
  }

  private var next: Character? { position < text.count ? text[position] : nil }

  private mutating func skip(_ characters: String) {
    while let next, characters.contains(next) { position += 1 }
  }

  /// Until what closes it.
  private mutating func list() -> [CommandArgument] {
    var found: [CommandArgument] = []
    skip(" |")
    while let next, next != ")", next != "}", next != "]" {
      found.append(argument())
      skip(" |")
    }
    return found
  }

  private mutating func argument() -> CommandArgument {
    if next == "[" {
      position += 1
      var argument = argument()
      argument.isOptional = true
      skip("]")
      return argument
    }
    let token = leadingToken()
    var argument = core()
    if let token { argument.token = token }
    if next == "+" {
      argument.isMultiple = true
      position += 1
      if next == "+" {
        argument.repeatsToken = true
        position += 1
      }
    }
    return argument
  }

  /// The word before `>`.
  private mutating func leadingToken() -> String? {
    var end = position
    while end < text.count,
      !" ()[]{}|;:'".contains(text[end]) || (end == position && text[end] == "'")
    {
      if text[end] == "'" { return nil }
      if text[end] == ">" {
        let token = String(text[position..<end])
        position = end + 1
        return token == "\"\"" ? "" : token
      }
      end += 1
    }
    return nil
  }

  private static let types: [Character: String] = [
    "#": "integer", "~": "double", "@": "key", "*": "pattern", "!": "unix-time",
  ]

  private mutating func core() -> CommandArgument {
    if next == "'" {
      position += 1
      return word()
    }
    var type = "string"
    if let next, let found = Self.types[next] {
      type = found
      position += 1
    }
    let start = position
    while let next, !" +;[]{}()|".contains(next) {
      if next == ":", position + 1 < text.count, "({".contains(text[position + 1]) { break }
      position += 1
    }
    var argument = CommandArgument(name: String(text[start..<position]), type: type)
    if next == ";" {
      position += 1
      let digits = position
      while let next, next.isNumber { position += 1 }
      argument.key = Int(String(text[digits..<position]))
    } else if next == ":" {
      position += 1
      argument.type = next == "(" ? "oneof" : "block"
      position += 1
      argument.parts = list()
      position += 1
    }
    return argument
  }

  private mutating func word() -> CommandArgument {
    let start = position
    while let next, !" +[]{}()|".contains(next) { position += 1 }
    let whole = String(text[start..<position])
    if let split = whole.dropFirst().lastIndex(of: "=") {
      return CommandArgument(
        name: String(whole[whole.index(after: split)...]), type: "pure-token",
        token: String(whole[..<split]))
    }
    return CommandArgument(name: whole.lowercased(), type: "pure-token", token: whole)
  }
}
