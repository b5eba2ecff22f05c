import Base
import Catalog
import Testing

@testable import RESP

/// What a role's setting allows.
struct ACLRulesTests {
  private static func mayGet(_ setting: String?) throws -> Bool {
    var role = RoleDescriptor(id: ObjectID(rawValue: 20_000), name: "somebody")
    if let setting { role.settings[ACLRules.setting] = setting }
    let command = CommandArguments("GET", "k")
    let spec = try #require(CommandTable.find(command))
    return ACLRules(of: role).denial(spec, command) == nil
  }

  @Test func rules() throws {
    #expect(try Self.mayGet(nil))
    #expect(try Self.mayGet("on ~* +@all"))
    #expect(try !Self.mayGet("on ~* +@all -get"))
    #expect(try !Self.mayGet("on ~other:* +@all"))
  }

  @Test("where a rule cannot be read nothing is allowed")
  func unreadable() throws {
    #expect(try !Self.mayGet("on ~* +@all -nosuchcommand"))
    #expect(try !Self.mayGet("on ~* +@all nonsense"))
  }
}
