import Base
import Catalog
import SQL
import Types

/// What the session and the node tell: settings, activity, prepared statements, cursors.
extension SystemTables {
  static func addSession(_ all: inout [String: Generator]) {
    all["pg_catalog.pg_settings"] = { source in
      source.session.settingRows.map { setting in
        source.row([
          "name": .string(setting.name), "setting": .string(setting.value),
          "category": .string("Quatrain"), "short_desc": .string(setting.description),
          "context": .string("user"), "vartype": .string("string"), "source": .string("default"),
          "boot_val": .string(setting.value), "reset_val": .string(setting.value),
          "pending_restart": .bool(false),
        ])
      }
    }
    all["pg_catalog.pg_stat_activity"] = { source in
      [
        source.row([
          "datid": .oid(CatalogSnapshot.database), "datname": .string(source.session.database),
          "pid": .int(Int64(source.session.processID)), "usesysid": .oid(source.role.id),
          "usename": .string(source.session.user), "state": .string("active"),
          "backend_type": .string("client backend"),
        ])
      ]
    }
    all["pg_catalog.pg_prepared_statements"] = { source in
      source.session.preparedStatements.map { item in
        source.row([
          "name": .string(item.name), "statement": .string(item.text),
          "parameter_types": .list(
            item.types.map { Int($0.oid.rawValue) }, .regtype),
          "from_sql": .bool(item.isFromSQL), "generic_plans": .int(0), "custom_plans": .int(0),
        ])
      }
    }
    all["pg_catalog.pg_cursors"] = { source in
      source.session.cursors.map { item in
        source.row([
          "name": .string(item.name), "statement": .string(item.text),
          "is_holdable": .bool(item.isHeld), "is_binary": .bool(false),
          "is_scrollable": .bool(item.isScrollable),
        ])
      }
    }
    all["pg_catalog.pg_stat_database"] = { source in
      [
        source.row([
          "datid": .oid(CatalogSnapshot.database), "datname": .string(source.session.database),
        ])
      ]
    }
    all["pg_catalog.pg_timezone_names"] = { source in
      [
        source.row([
          "name": .string("UTC"), "abbrev": .string("UTC"), "is_dst": .bool(false),
        ])
      ]
    }
  }
}
