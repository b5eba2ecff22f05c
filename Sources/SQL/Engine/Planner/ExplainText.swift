import Types

/// A plan as PostgreSQL's EXPLAIN shows it, with our nodes.
struct ExplainText {
  private(set) var lines: [String] = []
  private let execution: Execution?

  init(_ root: PlanNode, _ execution: Execution?) {
    self.execution = execution
    write(root, 0)
  }

  private mutating func write(_ node: PlanNode, _ depth: Int, _ label: String? = nil) {
    let indent = depth == 0 ? "" : String(repeating: " ", count: depth * 6 - 4)
    var line = indent + (depth == 0 ? "" : "->  ") + node.title
    line += "  (rows=\(Int(node.estimatedRows.rounded())))"
    if let measured = execution?.measurements[ObjectIdentifier(node)] {
      let milliseconds = Double(measured.microseconds) / 1_000
      line += " (actual time=\(milliseconds) ms rows=\(measured.rows) loops=\(measured.loops))"
    } else if execution != nil {
      line += " (never executed)"
    }
    if let label { lines.append(String(repeating: " ", count: max(0, depth * 6 - 4)) + label) }
    lines.append(line)
    let inner = String(repeating: " ", count: depth * 6 + 2)
    for property in node.properties { lines.append(inner + property) }
    for external in node.externals {
      if let plan = external.plan {
        write(
          plan, depth + 1,
          external.correlation.isEmpty ? "InitPlan \(external.id)" : "SubPlan \(external.id)")
      }
    }
    for child in node.children { write(child, depth + 1) }
  }
}
