import Base
import Catalog
import Functions
import Types

/// pg_proc, pg_operator, pg_cast, pg_aggregate, pg_language.
extension SystemTables {
  static func addFunctions(_ all: inout [String: Generator]) {
    all["pg_catalog.pg_language"] = { source in
      [(12, "internal"), (13, "c"), (14, "sql")].map { oid, name in
        source.row([
          "oid": .int(Int64(oid)), "lanname": .string(name), "lanowner": .int(10),
          "lanpltrusted": .bool(name == "sql"),
        ])
      }
    }
    all["pg_catalog.pg_proc"] = { source in
      let declared = FunctionRegistry.builtin.allFunctions.map { source.procedure($0) }
      let typed = SystemProcedures.names.map { name in
        source.row([
          "oid": .int(Int64(SystemProcedures.id(name))), "proname": .string(name),
          "pronamespace": .int(11), "proowner": .int(10), "prolang": .int(12),
          "procost": .float(1), "prokind": .string("f"), "proisstrict": .bool(true),
          "provolatile": .string("i"), "proparallel": .string("s"), "pronargs": .int(1),
          "prorettype": .int(2275), "proargtypes": .vector([2275], .oid),
          "prosrc": .string(name),
        ])
      }
      return declared + typed
    }
    all["pg_catalog.pg_aggregate"] = { source in
      FunctionRegistry.builtin.allAggregates.map { function in
        source.row(["aggfnoid": .oid(function.oid), "aggkind": .string("n")])
      }
    }
    all["pg_catalog.pg_operator"] = { source in
      FunctionRegistry.builtin.allOperators.map { item in
        source.row([
          "oid": .oid(item.oid), "oprname": .string(item.name), "oprnamespace": .int(11),
          "oprowner": .int(10), "oprkind": .string(item.left == nil ? "l" : "b"),
          "oprleft": item.left.map { .oid($0.oid) } ?? .int(0), "oprright": .oid(item.right.oid),
          "oprresult": .oid(item.result.oid), "oprcode": .oid(item.function),
          "oprcom": item.commutator.map { .oid($0) } ?? .int(0),
          "oprnegate": item.negator.map { .oid($0) } ?? .int(0),
        ])
      }
    }
    all["pg_catalog.pg_cast"] = { source in
      FunctionRegistry.builtin.allCasts.map { cast in
        var function = ObjectID(rawValue: 0)
        var method = "b"
        switch cast.method {
        case .function(let id):
          function = id
          method = "f"
        case .binaryCoercible: break
        case .inputOutput: method = "i"
        }
        return source.row([
          "oid": .oid(cast.oid), "castsource": .oid(cast.source.oid),
          "casttarget": .oid(cast.target.oid), "castfunc": .oid(function),
          "castcontext": .string(String(cast.context.rawValue)), "castmethod": .string(method),
        ])
      }
    }
  }
}

extension SystemSource {
  fileprivate func procedure(_ function: FunctionSignature) -> [Value] {
    let language: Int64 = 12
    let isVariadic = function.isVariadic ? function.argumentTypes.last?.elementType ?? .text : nil
    return row([
      "oid": .oid(function.oid), "proname": .string(function.name), "pronamespace": .int(11),
      "proowner": .int(10), "prolang": .int(language), "procost": .float(1),
      "prorows": .float(function.returnsSet ? 1_000 : 0),
      "provariadic": isVariadic.map { .oid($0.oid) } ?? .int(0),
      "prokind": .string(String(function.kind.rawValue)), "proisstrict": .bool(function.isStrict),
      "proretset": .bool(function.returnsSet),
      "provolatile": .string(String(function.volatility.rawValue)), "proparallel": .string("s"),
      "pronargs": .int(Int64(function.argumentTypes.count)),
      "pronargdefaults": .int(Int64(function.defaultsCount)),
      "prorettype": .oid(function.result.oid),
      "proargtypes": .vector(function.argumentTypes.map { Int($0.oid.rawValue) }, .oid),
      "prosrc": .string(function.source),
    ])
  }
}

/// Input and output functions of types: clients join their names (asyncpg, JDBC), nobody calls them.
enum SystemProcedures {
  private static let first = 90_000

  static let names: [String] = Set(
    TypeInfo.all.flatMap {
      [$0.inputFunction, $0.outputFunction, $0.receiveFunction, $0.sendFunction]
    } + ["enum", "record"].flatMap { ["\($0)_in", "\($0)_out", "\($0)_recv", "\($0)_send"] }
  ).filter { $0 != "-" }.sorted()

  private static let ids: [String: Int] = Dictionary(
    uniqueKeysWithValues: names.enumerated().map { ($1, first + $0) })

  static func id(_ name: String) -> Int { ids[name] ?? 0 }
  static func name(_ id: Int) -> String? {
    names.indices.contains(id - first) ? names[id - first] : nil
  }
}
