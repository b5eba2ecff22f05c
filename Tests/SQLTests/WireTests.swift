import Base
import Catalog
import Functions
import Fuzzing
import Node
import Testing
import Types

@testable import SQL

@Suite struct WireTests {
  static let statements = [
    "SELECT label FROM things WHERE id = $1",
    "SELECT * FROM things WHERE label LIKE 'S%' AND amount BETWEEN 1 AND 9 OR NOT flag",
    "SELECT id FROM things WHERE lower(label) = 'sun' AND amount > 0",
    "SELECT id FROM things WHERE feeling < 'happy' OR feeling >= (label || '')::mood OR feeling = 'ok'",
    "SELECT id FROM things WHERE greatest(feeling, 'ok') IS DISTINCT FROM 'sad'",
    "SELECT id FROM things WHERE size::positive + id > $1 AND id::positive > 1",
    "SELECT id FROM things WHERE (id, label) > ($1, 'a') AND (id, size) = (3, 4)",
    "SELECT id FROM things WHERE id IN (1, 2, $1) AND label = ANY (tags) AND id <> ALL ('{9}')",
    "SELECT id FROM things WHERE tags[1] = 'a' AND tags[1:2] = ARRAY['a', NULL] AND tags || ARRAY[label] @> tags",
    "SELECT id FROM things WHERE data ->> 'x' = '1' AND data @> '{}' AND jsonb_typeof(data) = 'object'",
    "SELECT id FROM things WHERE jsonb_path_exists(data, '$.x')",
    "SELECT id FROM things WHERE row_to_json(row(id, label))::text <> ''",
    "SELECT id FROM things WHERE (json_populate_record(NULL::point2, doc)).x = 1",
    "SELECT id FROM things WHERE ('(1,' || label || ')')::point2 = (id, 'x')::point2",
    "SELECT id FROM things WHERE at > now() - interval '1 day' AND date_trunc('day', at) < at",
    "SELECT id FROM things WHERE extract(year FROM at) = 2025 AND to_char(at, 'YYYY') = '2025'",
    "SELECT id FROM things WHERE current_user = label OR current_setting('a.b') = label",
    "SELECT id FROM things WHERE random() < rate AND clock_timestamp() > at",
    "SELECT id FROM things WHERE concat(label, id, flag) = format('%s', code) AND text(code) = code",
    "SELECT id FROM things WHERE concat(VARIADIC tags) = 'a' AND coalesce(label, 'x') <> ''",
    "SELECT id FROM things WHERE CASE WHEN flag THEN id ELSE size::int4 END = 3 AND nullif(id, 4) > 0",
    "SELECT id FROM things WHERE flag IS NOT TRUE OR flag IS UNKNOWN OR label IS NULL",
    "SELECT id FROM things WHERE id = (SELECT max(a) FROM pairs) OR id IN (SELECT b FROM pairs)",
    "SELECT id FROM things WHERE (id, size) IN (SELECT a, b FROM pairs) FOR UPDATE SKIP LOCKED",
    "SELECT id FROM things WHERE code::varchar(3) = label::varchar(3) AND amount::numeric(6,1) = 5",
    "SELECT id FROM things WHERE id::text::int4 = id AND '{1,2}'::int4[] = ARRAY[id, 2] AND ARRAY[id]::int8[] = '{3}'",
    "SELECT id FROM things WHERE id::regclass::text = label OR label::regtype = id::regtype OR id::regclass = 25000",
    "SELECT id FROM things WHERE (id + 24997)::regclass::text = 'things' AND pg_get_userbyid(id) = ''",
    "SELECT count(*), sum(amount), avg(rate), min(label) FROM things GROUP BY feeling, flag",
    "SELECT max(feeling), count(id) FILTER (WHERE flag), bool_or(flag) FROM things WHERE id > 1",
    "SELECT variance(rate), corr(rate, id), array_agg(id), string_agg(label, ',') FROM things",
    "SELECT t.id, u.email FROM things t JOIN LATERAL (SELECT * FROM users WHERE id > t.id) u ON true",
    "UPDATE things SET label = upper(label) || $1, amount = amount + 1 WHERE id = 3 RETURNING *",
    "UPDATE things SET feeling = 'sad', data = '{}' WHERE flag RETURNING id, feeling > 'sad'",
    "DELETE FROM things WHERE label = 'x' AND now() > at RETURNING id",
    "INSERT INTO things (id, label) VALUES (1, 'a')",
    "INSERT INTO things (id, label) VALUES (1, 'a') ON CONFLICT DO NOTHING",
    "INSERT INTO things (id, label, feeling) VALUES (1, 'a', 'ok') ON CONFLICT (id) DO UPDATE SET label = excluded.label || $1 WHERE things.flag",
    "INSERT INTO users VALUES (1, 'a')",
    "INSERT INTO pairs VALUES (1, 2, 'c') ON CONFLICT (a, b) DO UPDATE SET c = NULL",
  ]

  /// Its bytes, after the way there and back.
  private func again<P: Procedure>(_ procedure: P, _ catalog: CatalogSnapshot) throws -> [UInt8] {
    let bytes = wireBytes(procedure, catalog)
    let copy = try fromWire(bytes, catalog) { (reader) throws(DecodingFault) in
      try P(from: &reader)
    }
    #expect(wireBytes(copy, catalog) == bytes, "\(P.name)")
    return bytes
  }

  @Test(arguments: statements) func `fragments cross unchanged`(_ sql: String) throws {
    let fragments = try WireFixture.fragments(sql)
    #expect(!fragments.isEmpty)
    for fragment in fragments {
      let known = try again(fragment, WireFixture.catalog)
      // A catalog that knows nothing of the tables: they go whole.
      let whole = try again(fragment, CatalogSnapshot())
      #expect(known.count < whole.count)
    }
  }

  @Test func `a point read and a single row take few bytes`() throws {
    let read = try WireFixture.fragments("SELECT c FROM pairs WHERE a = 1 AND b = 2")
    #expect(wireBytes(read[0]).count < 90)
    let write = try WireFixture.fragments("INSERT INTO pairs VALUES (1, 2, 'c')")
    #expect(wireBytes(write[0]).count < 90)
  }

  /// Calls give the same there, over a row and with parameters.
  @Test(arguments: statements.filter { $0.hasPrefix("SELECT") && $0.contains("WHERE") })
  func `conditions give the same answer`(_ sql: String) throws {
    for case let scan as ScanFragment in try WireFixture.fragments(sql)
    where scan.layout.table.name == "things" {
      guard let filter = scan.filter else { continue }
      let copy = try fromWire(wireBytes(scan)) { (reader) throws(DecodingFault) in
        try ScanFragment(from: &reader)
      }
      var (here, there) = (scan.environment, copy.environment)
      func value(_ filter: TypedExpression?, _ environment: inout EvaluationEnvironment) -> String {
        do throws(SQLError) {
          return "\(try filter?.evaluate(WireFixture.row, &environment) ?? .null)"
        } catch {
          return "\(error)"
        }
      }
      for part in filter.conjuncts.indices {
        let expected = value(filter.conjuncts[part], &here)
        #expect(value(copy.filter?.conjuncts[part], &there) == expected)
        #expect(!expected.contains("XX000"))
      }
    }
  }

  @Test func `every function and operator is found again`() throws {
    let registry = FunctionRegistry.builtin
    func concrete(_ type: SQLType) -> SQLType {
      switch type {
      case .any, .anyelement, .anynonarray, .anycompatible: .int4
      case .anyarray, .anycompatiblearray: .int4Array
      default: type == .anyenum ? SQLType(ObjectID(rawValue: 24_000)) : type
      }
    }
    var count = 0
    for signature in registry.allFunctions {
      let types = signature.argumentTypes.map(concrete)
      guard let call = try? registry.resolveFunction(signature.name, types) else { continue }
      count += 1
      var out = WireEncoder(catalog: WireFixture.catalog)
      var needs = EnvironmentNeeds()
      call.encode(count: types.count, into: &out, &needs)
      // The arguments, which must be there.
      for _ in types { out.bytes.integer(UInt8(0)) }
      let copy = try fromWire(out.bytes.bytes) { (reader) throws(DecodingFault) in
        let made = try ResolvedCall.decode(&reader, isType: call.signature.oid.rawValue == 0).0
        _ = try reader.bytes.view(types.count)
        return made
      }
      #expect(copy.signature.oid == call.signature.oid)
      #expect(copy.argumentTypes == call.argumentTypes, "\(signature.name)")
      #expect(copy.result == call.result, "\(signature.name)")
      #expect(copy.types.arguments == call.types.arguments, "\(signature.name)")
      #expect(copy.gatheredCount == call.gatheredCount)
      #expect(copy.defaults.count == call.defaults.count)
    }
    #expect(count > 1_200)
    for signature in registry.allOperators {
      let left = signature.left.map(concrete)
      let right = concrete(signature.right)
      guard let found = try? registry.resolveOperator(signature.name, left, right) else { continue }
      let slots = ([found.left].compactMap { $0 } + [found.right]).enumerated().map {
        TypedExpression.slot($0.offset, $0.element)
      }
      let call = BoundCall(.operation(found), slots, type: found.result)
      var out = WireEncoder(catalog: WireFixture.catalog)
      var needs = EnvironmentNeeds()
      TypedExpression.call(call).encode(into: &out, &needs)
      let copy = try fromWire(out.bytes.bytes) { (reader) throws(DecodingFault) in
        try TypedExpression(from: &reader)
      }
      #expect(
        copy.type == found.result && copy.fingerprint == TypedExpression.call(call).fingerprint)
    }
  }

  @Test func `the catalog's functions are at hand as often as they are asked for`() {
    #expect(WireFixture.evaluation.catalog != nil)
    for _ in 0..<20_000 { #expect(FragmentCatalog.functions(CatalogSnapshot()) != nil) }
  }

  @Test func `outputs cross unchanged`() throws {
    let row = WireFixture.row
    let resume = ScanResume(range: 0, key: [1])
    let entry = IndexEntry(key: [1], value: [], isExclusive: true, bucket: Bucket(rawValue: 1))
    func check<T: WireCodable>(_ value: T) throws {
      let copy = try fromWire(wireBytes(value)) { (reader) throws(DecodingFault) in
        try T(from: &reader)
      }
      #expect("\(copy)" == "\(value)")
    }
    try check(ScanOutput(rows: [row, []], resume: resume))
    try check(MutateOutput(count: 3, rows: [row], resume: nil))
    try check([RowOutcome.inserted(row), .updated(old: row, new: []), .deleted(row), .skipped])
    try check(
      BackfillOutput(
        items: [.init(entry: entry, row: row, key: [9])], busy: [[], [1]], duplicate: row, next: [2]
      ))
    try check([BackfillEntry.done, .busy, .duplicate])
    var error = SQLError(.uniqueViolation, "a", detail: "b", hint: "c", position: 4)
    (error.context, error.schema, error.table) = ("d", "e", "f")
    (error.column, error.dataType, error.constraint) = ("g", "h", "i")
    try check(error)
    error.table = nil
    try check(error)
  }

  @Test func `bytes that were cut or changed are refused or read, never a trap`() throws {
    let types = SQLProcedures.all
    var samples: [[[UInt8]]] = types.map { _ in [] }
    for sql in Self.statements {
      for fragment in try WireFixture.fragments(sql) {
        guard let place = types.firstIndex(where: { $0 == type(of: fragment) }) else { continue }
        let bytes = wireBytes(fragment)
        samples[place].append(bytes)
        for length in bytes.indices {
          #expect(throws: DecodingFault.self) { try read(types[place], Array(bytes[..<length])) }
        }
      }
    }
    let known = samples
    let failures = fuzz("SQLTests.WireTests", iterations: 20_000) { mutator in
      let place = mutator.below(types.count)
      guard !known[place].isEmpty else { return nil }
      let bytes = mutator.mutate(known[place])
      do { try read(types[place], bytes) } catch is DecodingFault {}
      return nil
    }
    #expect(failures == [])
  }

  private func read<P: Procedure>(_: P.Type, _ bytes: [UInt8]) throws {
    let made = try fromWire(bytes) { (reader) throws(DecodingFault) in try P(from: &reader) }
    _ = wireBytes(made)
  }
}
