import Base

/// SETBIT, BITCOUNT, BITFIELD and the like: strings as bits.
enum BitmapCommands {
  static let all: [CommandSpec] = []
}
