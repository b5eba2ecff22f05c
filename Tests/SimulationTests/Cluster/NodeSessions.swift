import Base

@testable import Node

/// The sessions of one node's life: they end with it. Lives on: the world's thread.
final class NodeSessions: Workplace {
  private unowned let simulation: ClusterSimulation
  let node: NodeID
  let life: Int
  private(set) var current: Attempt?

  init(_ simulation: ClusterSimulation, _ node: NodeID, life: Int) {
    self.simulation = simulation
    self.node = node
    self.life = life
  }

  var options: NodeSimulationOptions { simulation.options }
  var bankTotal: Int { simulation.bankTotal }
  var coverage: Coverage {
    get { simulation.coverage }
    set { simulation.coverage = newValue }
  }
  var isStopping: Bool { simulation.isStopping }
  func bucket(_ place: Int) -> Bucket { simulation.bucket(place) }
  func begin(_ kind: String, _ isolation: IsolationLevel) -> Attempt {
    let attempt = simulation.begin(kind, isolation)
    current = attempt
    return attempt
  }
  func end(_ attempt: Attempt, _ outcome: Outcome, _ error: KernelError?) {
    simulation.end(attempt, outcome, error)
  }
  func fault(_ text: String) { simulation.fault(text) }
  func sessionEnded() { simulation.sessionEnded(on: node, life: life) }
}
