import Base
import Catalog
import Types

extension SQLSession {
  /// Whether the column's stored values, keys and hashes are those of the new type too: only a limit
  /// is lifted. Then a change of type is one of the catalog alone.
  func isSameForm(_ old: ColumnDescriptor, _ new: SQLType, _ table: TableDescriptor) -> Bool {
    if Self.isWiderText(old.type, new) { return true }
    // Hashes go by the type's width, and what is computed from a column may too.
    return (Self.isWiderInteger(old.type, new) || Self.hasFewerLimits(old.type, new))
      && !Self.isHashed(old.id, table) && !Self.isComputedFrom(old.name, table)
  }

  private static func isWiderText(_ old: SQLType, _ new: SQLType) -> Bool {
    let texts = [SQLType.text.oid, SQLType.varchar.oid]
    guard texts.contains(old.oid), texts.contains(new.oid) else { return false }
    return new.modifier < 0 || (old.modifier >= 0 && new.modifier >= old.modifier)
  }

  private static func isWiderInteger(_ old: SQLType, _ new: SQLType) -> Bool {
    let widths = [SQLType.int2.oid, SQLType.int4.oid, SQLType.int8.oid]
    guard let from = widths.firstIndex(of: old.oid), let to = widths.firstIndex(of: new.oid) else {
      return false
    }
    return from <= to
  }

  /// numeric(10,2) → numeric(12,2) or numeric, timestamp(3) → timestamp(6) or timestamp.
  private static func hasFewerLimits(_ old: SQLType, _ new: SQLType) -> Bool {
    guard old.oid == new.oid else { return false }
    switch old.oid {
    case SQLType.numeric.oid:
      if new.modifier < 0 { return true }
      // The precision is in the upper half, the scale in the lower.
      return old.modifier >= 0 && (old.modifier - 4) & 0xFFFF == (new.modifier - 4) & 0xFFFF
        && new.modifier >= old.modifier
    case SQLType.timestamp.oid, SQLType.timestamptz.oid, SQLType.time.oid:
      return new.modifier < 0 || (old.modifier >= 0 && new.modifier >= old.modifier)
    default: return false
    }
  }

  private static func isHashed(_ column: ColumnID, _ table: TableDescriptor) -> Bool {
    let isDistributed =
      switch table.distribution {
      case .murmur3(let columns): columns.contains(column)
      case .crc16(let key): key == column
      case .globally: false
      }
    return isDistributed
      || table.indexes.contains { index in
        index.placement == .global && index.columns.contains { $0.column == column }
      }
  }

  private static func isComputedFrom(_ name: String, _ table: TableDescriptor) -> Bool {
    table.columns.contains { mentions($0.generatedExpression, name) }
      || table.indexes.contains { index in
        mentions(index.predicate, name)
          || index.columns.contains { mentions($0.expression, name) }
      }
  }
}
