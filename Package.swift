// swift-tools-version: 6.2
import PackageDescription

/// Every target builds in Swift 6 mode with warnings as errors and strict imports.
/// `NonisolatedNonsendingByDefault`: an async function runs on its caller's shard, so that
/// session code stays on the shard's thread without annotations.
/// `Lifetimes` is needed to return a `Span` of one's own storage (SE-0446 follow-up).
/// Release builds: overlapping accesses are looked for by the tests, which are debug builds, and
/// functions are specialised across targets; together a fifth of a short statement's instructions.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
  .unsafeFlags(
    ["-enforce-exclusivity=unchecked", "-cross-module-optimization"],
    .when(configuration: .release)),
]

func kernel(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Kernel/\(name)",
    exclude: [], swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [])
  -> Target
{
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests",
    resources: resources, swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String?, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/Kernel/CSystem/\(name)", pkgConfig: pkgConfig,
    providers: [.apt([apt])])
}

let package = Package(
  name: "quatrain",
  products: [.executable(name: "quatrain", targets: ["Quatrain"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // C libraries, as the distribution packages them.
    system("CURing", pkgConfig: "liburing", apt: "liburing-dev"),
    system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
    system("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
    system("CLZ4", pkgConfig: "liblz4", apt: "liblz4-dev"),
    system("CSnappy", pkgConfig: nil, apt: "libsnappy-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    system("CRdkafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    system("CPgQuery", pkgConfig: nil, apt: "libpg-query-dev"),
    // Thin shims for what Swift's importer cannot see (inline functions, macros, variadics).
    .target(
      name: "CLinux", path: "Sources/Kernel/CSystem/CLinux",
      linkerSettings: [.linkedLibrary("uring")]),
    // Lua and what scripts of Redis find in it, linked statically: no program needs it installed.
    .target(
      name: "CLua", path: "Sources/Kernel/CSystem/CLua",
      linkerSettings: [
        .linkedLibrary(":liblua5.1-cjson.a"), .linkedLibrary(":liblua5.1-bitop.a"),
        .linkedLibrary(":liblua5.1.a"), .linkedLibrary("crypto"), .linkedLibrary("m"),
      ]),

    // The kernel: see Sources/Kernel/README.md for the reading order.
    kernel("Base", ["CLinux"]),
    kernel("Security", ["Base", "COpenSSL"]),
    kernel("Types", ["Base"]),
    kernel("Reactor", ["Base", "CLinux", "CURing", "COpenSSL"]),
    kernel("Raft", ["Base"]),
    kernel("WAL", ["Base", "Reactor", "CZstd"]),
    kernel("Storage", ["Base"]),
    kernel("Catalog", ["Base", "Types"]),
    kernel("Node", ["Base", "Types", "Reactor", "Raft", "WAL", "Storage", "Catalog"]),

    // Avro's schemas and binary encoding, of topics and of sources.
    .target(
      name: "Avro", dependencies: ["Types"], path: "Sources/Avro", swiftSettings: strict),

    // SQL: parse → bind → plan → execute.
    .target(
      name: "Syntax", dependencies: ["Base", "CPgQuery"], path: "Sources/SQL/Syntax",
      swiftSettings: strict),
    .target(
      name: "Functions", dependencies: ["Base", "Types"], path: "Sources/SQL/Functions",
      swiftSettings: strict),
    .target(
      name: "SQL",
      dependencies: [
        "Base", "Types", "Catalog", "Node", "Reactor", "Syntax", "Functions", "Avro",
      ],
      path: "Sources/SQL/Engine", swiftSettings: strict),

    .target(
      name: "SystemViews",
      dependencies: ["Base", "Types", "Catalog", "Node", "Functions", "Syntax", "SQL"],
      path: "Sources/SQL/SystemViews", swiftSettings: strict),

    .target(
      name: "PgWire",
      dependencies: ["Base", "Types", "Catalog", "Reactor", "Node", "SQL", "Security"],
      path: "Sources/Protocols/PgWire", swiftSettings: strict),

    .target(
      name: "RESP",
      dependencies: [
        "Base", "CLinux", "Types", "Catalog", "Reactor", "Node", "Security", "CLua",
      ],
      path: "Sources/Protocols/RESP", swiftSettings: strict),

    .target(
      name: "CQL",
      dependencies: [
        "Base", "Types", "Catalog", "Reactor", "Node", "Security", "SQL", "CLZ4", "CSnappy", "CLua",
      ],
      path: "Sources/Protocols/CQL", swiftSettings: strict),

    .target(
      name: "KafkaRead",
      dependencies: [
        "Base", "Types", "Catalog", "Reactor", "Node", "Security", "Functions", "SQL", "Avro",
        "CLZ4", "CSnappy", "CZlib", "CZstd",
      ],
      path: "Sources/Protocols/KafkaRead", swiftSettings: strict),

    .target(
      name: "KafkaSources",
      dependencies: [
        "Base", "Types", "Catalog", "Reactor", "Node", "Functions", "SQL", "Avro", "CRdkafka",
      ],
      path: "Sources/Protocols/KafkaSources", swiftSettings: strict),

    .target(
      name: "Admin", dependencies: ["Base", "Types", "Catalog", "Reactor", "Node"],
      path: "Sources/Admin", swiftSettings: strict),

    .executableTarget(
      name: "Quatrain",
      dependencies: [
        "Base", "Types", "Reactor", "Catalog", "Node", "Security", "SQL", "SystemViews", "PgWire",
        "RESP", "CQL", "KafkaRead", "KafkaSources", "Admin",
        .product(name: "Yams", package: "Yams"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Quatrain", swiftSettings: strict),

    // Seeded bad input for the tests.
    .target(
      name: "Fuzzing",
      dependencies: ["Base", "Reactor"], path: "Tests/Fuzzing", swiftSettings: strict),

    // A simulated node for the tests of front ends.
    .target(
      name: "SimulatedServer", dependencies: ["Base", "Node", "Reactor", "Fuzzing"],
      path: "Tests/SimulatedServer", swiftSettings: strict),

    tests("Base", ["Base"]),
    tests("Admin", ["Admin", "Catalog", "Types", "Base"]),
    tests("Avro", ["Avro", "Types", "Base", "Fuzzing"]),
    tests("Security", ["Security", "Fuzzing"]),
    tests("Types", ["Types", "Base", "Fuzzing"]),
    tests("Reactor", ["Reactor", "Base"]),
    tests("Raft", ["Raft", "Base", "Fuzzing"], resources: [.copy("Scenarios")]),
    tests("WAL", ["WAL", "Reactor", "Base", "Fuzzing"]),
    tests("Storage", ["Storage", "Base"]),
    tests("Catalog", ["Catalog", "Types", "Base"]),
    tests("Node", ["Node", "Reactor", "Catalog", "Types", "Storage", "WAL", "Base", "Fuzzing"]),
    tests(
      "Simulation",
      [
        "Node", "Reactor", "Catalog", "Types", "Storage", "WAL", "Raft", "Base", "SQL", "CQL",
        "KafkaRead",
      ]),
    tests("Syntax", ["Syntax", "Base"]),
    tests("Functions", ["Functions", "Types", "Base"]),
    tests("SQL", ["SQL", "Node", "Catalog", "Types", "Syntax", "Reactor", "Base", "Fuzzing"]),
    tests("CQL", ["CQL", "Node", "Reactor", "Catalog", "SQL", "Types", "Base", "Fuzzing"]),
    tests(
      "Kafka",
      [
        "KafkaRead", "Node", "Reactor", "Catalog", "SQL", "Types", "Base", "Fuzzing",
        "SimulatedServer", "CLZ4", "CSnappy", "CZlib", "CZstd",
      ]),
    tests(
      "KafkaSources",
      ["KafkaSources", "Node", "Reactor", "Catalog", "SQL", "Types", "Base", "SimulatedServer"]),
    tests(
      "RESP",
      ["RESP", "Node", "Reactor", "Catalog", "Types", "Base", "Fuzzing", "SimulatedServer"]),
    tests(
      "PgWire",
      ["PgWire", "Node", "Reactor", "SQL", "Types", "Base", "Fuzzing", "SimulatedServer"]),
  ],
  swiftLanguageModes: [.v6]
)
