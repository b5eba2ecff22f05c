import Syntax
import Testing
import Types

@testable import SQL

@Suite struct CopyOptionsTests {
  @Test(arguments: copyOptionCases)
  func `options as PostgreSQL takes and refuses them`(_ item: CopyOptionCase) throws {
    let copy = try copyStatement(item.sql)
    var fails: String?
    var position: Int?
    do throws(SQLError) {
      _ = try CopyOptions(copy.options, isFrom: copy.isFrom)
    } catch {
      fails = "\(error.code) \(error.message)"
      position = error.placed(in: Array(item.sql.utf8)).position
    }
    #expect(fails == item.fails)
    #expect(position == item.position)
  }

  @Test func `columns that options name must be copied`() throws {
    func fault(_ options: String, _ copied: [String], isFrom: Bool = true, of: String? = "o")
      throws -> String?
    {
      do {
        try copyOptions("format csv, " + options, isFrom: isFrom)
          .checkColumns(copied, all: ["a", "b"], relation: of)
        return nil
      } catch let error as SQLError {
        return "\(error.code) \(error.message)"
      }
    }
    #expect(try fault("force_null (a, b)", ["a", "b"]) == nil)
    #expect(try fault("force_quote *", ["a"], isFrom: false) == nil)
    #expect(
      try fault("force_null (nope)", ["a"])
        == "42703 column \"nope\" of relation \"o\" does not exist")
    #expect(
      try fault("force_quote (y)", ["a"], isFrom: false, of: nil)
        == "42703 column \"y\" does not exist")
    #expect(
      try fault("force_null (a, a)", ["a"]) == "42701 column \"a\" specified more than once")
    #expect(
      try fault("force_null (b)", ["a"])
        == "42P10 FORCE_NULL column \"b\" not referenced by COPY")
    #expect(
      try fault("force_not_null (b)", ["a"])
        == "42P10 FORCE_NOT_NULL column \"b\" not referenced by COPY")
    #expect(
      try fault("force_quote (b)", ["a"], isFrom: false)
        == "42P10 FORCE_QUOTE column \"b\" not referenced by COPY")
  }

  @Test func `an encoding that is not converted is not taken silently`() {
    let error = #expect(throws: SQLError.self) { try copyOptions("encoding 'LATIN1'") }
    #expect(error?.code == .featureNotSupported)
  }
}
