import Base
import Testing

@testable import RESP

@Suite struct ServerTests {
  @Test("parameters are checked as Redis checks them, and shown in one form")
  func parameters() throws {
    let memory = try #require(ConfigParameter.named("MAXMEMORY"))
    #expect(try memory.canonical("2mb", old: "0") == "2097152")
    #expect(throws: ConfigFault.self) { try memory.canonical("-1", old: "0") }
    let flag = try #require(ConfigParameter.named("appendonly"))
    #expect(try flag.canonical("YES", old: "no") == "yes")
    let events = try #require(ConfigParameter.named("notify-keyspace-events"))
    #expect(try events.canonical("KEA", old: "") == "AKE")
    #expect(try events.canonical("lKE", old: "") == "lKE")
    #expect(throws: ConfigFault.self) { try events.canonical("?", old: "") }
    #expect(ConfigParameter.named("hash-max-ziplist-entries")?.name == "hash-max-listpack-entries")
  }

  @Test("limits of output change class by class")
  func outputLimits() throws {
    let limits = try OutputLimits().changed(by: "pubsub 1mb 64k 3")
    #expect(limits.pubsub == OutputLimits.Limit(hard: 1 << 20, soft: 64_000, softSeconds: 3))
    #expect(limits.normal == OutputLimits().normal)
    #expect(OutputLimits(limits.text) == limits)
    #expect(throws: ConfigFault.self) { try OutputLimits().changed(by: "pubsub 1mb 64k") }
  }

  @Test("a percentile is the end of the bucket that reaches it")
  func percentiles() {
    var histogram = DurationHistogram()
    for _ in 0..<99 { histogram.add(nanoseconds: 1_500) }
    histogram.add(nanoseconds: 40_000_000)
    #expect(histogram.percentile(50) >= 1.5 && histogram.percentile(50) < 1.8)
    #expect(histogram.percentile(100) >= 40_000 && histogram.percentile(100) < 46_000)
    #expect(histogram.doublings.last?.count == 100)
  }

  @Test("percentiles are kept as they were written")
  func percentileParameter() throws {
    let parameter = try #require(ConfigParameter.named("latency-tracking-info-percentiles"))
    #expect(try parameter.canonical("50 99 99.9", old: "") == "50 99 99.9")
    #expect(try parameter.canonical("0.000 100.0 0.001", old: "") == "0 100 0.001")
  }

  @Test("slow commands are kept with the beginning of their arguments")
  func slowCommands() {
    let long = [UInt8](repeating: 65, count: 200)
    let many = [[UInt8]](repeating: long, count: 40)
    let entry = SlowCommand(
      id: 0, time: 0, microseconds: 1, arguments: many, peer: "", client: [])
    #expect(entry.arguments.count == 32)
    #expect(entry.arguments[31] == Array("... (9 more arguments)".utf8))
    #expect(entry.arguments[0] == Array(long.prefix(128)) + Array("... (72 more bytes)".utf8))
  }

  @Test("what is told of commands agrees with what runs them")
  func facts() {
    for spec in CommandTable.all {
      guard let facts = CommandFacts.of(spec.name) else {
        Issue.record("\(spec.name) is not in the table of commands")
        continue
      }
      #expect(facts.arity == spec.arity, "\(spec.name)")
      if spec.subcommands.isEmpty, CommandFacts.subcommands(of: spec).isEmpty {
        #expect(facts.flags.contains("write") == spec.flags.contains(.write), "\(spec.name)")
        #expect(facts.flags.contains("readonly") == spec.flags.contains(.readOnly), "\(spec.name)")
      }
      for part in spec.subcommands {
        #expect(CommandFacts.of(part.name)?.arity == part.arity, "\(part.name)")
      }
    }
  }

  @Test("arguments are read from their short form")
  func arguments() {
    let found = ArgumentSyntax.parse(
      "@key;0 [mode:('NX | 'XX=only)] [EX>#seconds] pair:{field value}+")
    #expect(found.map(\.name) == ["key", "mode", "seconds", "pair"])
    #expect(found[0].type == "key" && found[0].key == 0)
    #expect(found[1].isOptional && found[1].parts.map(\.name) == ["nx", "only"])
    #expect(found[2].token == "EX" && found[2].type == "integer")
    #expect(found[3].isMultiple && found[3].parts.count == 2)
  }

  @Test("rules of users allow what the last of them says")
  func rules() throws {
    var rules = ACLRules(allChannels: false)
    for rule in ["on", "+@read", "-get", "~a*", "%R~b*", "&news:*"] { try rules.apply(rule) }
    func denied(_ words: String...) throws -> Bool {
      let command = CommandArguments(words.map { Array($0.utf8) })
      return rules.denial(try #require(CommandTable.find(command)), command) != nil
    }
    #expect(try denied("get", "a1"))
    #expect(try !denied("strlen", "a1"))
    #expect(try !denied("strlen", "b1"))
    #expect(try denied("strlen", "c1"))
    #expect(try denied("set", "a1", "x"))
    try rules.apply("+set")
    #expect(try !denied("set", "a1", "x"))
    #expect(try denied("set", "b1", "x"))
    #expect(rules.text == "on ~a* %R~b* &news:* -@all +@read -get +set")
    var again = ACLRules(allChannels: false)
    for rule in ACLRules.words(rules.text) { try again.apply(rule) }
    #expect(again.text == rules.text)
  }
}
