import Base

/// Places: sorted sets of geohashes.
enum GeoCommands {
  static let all: [CommandSpec] = []
}
