import Catalog
import Foundation
import Security
import Types

/// Passwords as the catalog keeps them.
enum Passwords {
  /// A verifier from a password; a text that is a verifier already is kept, as PostgreSQL does, so
  /// that dumps can be restored.
  static func verifier(_ password: String) throws(SQLError) -> PasswordVerifiers {
    if SCRAMVerifier(password) != nil { return PasswordVerifiers(sha256: password, sha512: nil) }
    if password.utf8.count == 35, password.hasPrefix("md5"),
      password.dropFirst(3).allSatisfy(\.isHexDigit)
    {
      throw SQLError(
        .featureNotSupported, "MD5 passwords are not supported",
        hint: "Give the password itself, or a SCRAM-SHA-256 verifier.")
    }
    let made = SCRAMVerifier.texts(prepared: Array(prepared(password).utf8))
    return PasswordVerifiers(sha256: made.sha256, sha512: made.sha512)
  }

  /// SASLprep (RFC 4013), without its rule for scripts that are written from right to left. A
  /// password that it does not allow is taken as it is, as PostgreSQL's server and clients do.
  static func prepared(_ password: String) -> String {
    if password.utf8.allSatisfy({ $0 < 0x80 }) { return password }
    var mapped = String.UnicodeScalarView()
    for scalar in password.unicodeScalars where !isMappedToNothing(scalar) {
      let isSpace = scalar != " " && scalar.properties.generalCategory == .spaceSeparator
      mapped.append(isSpace ? " " : scalar)
    }
    let normal = String(mapped).precomposedStringWithCompatibilityMapping
    let isAllowed = !normal.isEmpty && !normal.unicodeScalars.contains(where: isProhibited)
    return isAllowed ? normal : password
  }

  /// RFC 3454, table B.1.
  private static func isMappedToNothing(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xAD, 0x34F, 0x1806, 0x180B...0x180D, 0x200B...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF:
      true
    default: false
    }
  }

  /// Controls, private use, what changes how text is shown, and what Unicode 3.2 did not have.
  private static func isProhibited(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return true
    default: break
    }
    switch scalar.value {
    case 0x340, 0x341, 0x6DD, 0x70F, 0x180E, 0x200E, 0x200F, 0x202A...0x202E, 0x2061...0x2063,
      0x206A...0x206F, 0x2FF0...0x2FFB, 0xFFF9...0xFFFD, 0x1D173...0x1D17A, 0xE0001,
      0xE0020...0xE007F:
      return true
    default: break
    }
    guard let age = scalar.properties.age else { return true }
    return (age.major, age.minor) > (3, 2)
  }
}
