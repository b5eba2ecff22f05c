public import Base

extension Store {
  /// Puts a provisional value (nil: a deletion) of `transaction` on the key, over its own earlier one,
  /// which is returned for undo. The caller has made sure that no other transaction has an intent
  /// there.
  @discardableResult
  public func setIntent(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?,
    transaction: TransactionID, expires: Timestamp? = nil
  ) -> PreviousIntent {
    let tree = makeTree(space)
    let new = NewVersion(
      key: key, value: value, timestamp: .zero, owner: transaction.rawValue, flags: .intent,
      expires: expires)
    var place = tree.locateToWrite(key)
    tree.makeRoom(for: new, at: &place)
    let intent = tree.add(new, to: place)
    guard place.isEqual else {
      tree.insert(intent, key: key, at: place)
      tree.intentCount += 1
      return .none
    }
    let head = place.leaf.version(place.slot)
    place.leaf.setVersion(intent, at: place.slot)
    guard head.isIntent else {
      intent.older = head
      tree.intentCount += 1
      return .none
    }
    invariant(
      head.transaction == transaction,
      "intent of \(transaction) over one of \(head.transaction)")
    let previous = PreviousIntent.value(
      head.isTombstone ? nil : Array(head.ownValue), expires: head.expires)
    intent.older = head.older
    tree.free(head)
    return previous
  }

  /// Undoes one `setIntent` of `transaction`, the latest first.
  public func restoreIntent(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, transaction: TransactionID,
    to previous: PreviousIntent
  ) {
    switch previous {
    case .none: takeIntent(space, key, transaction)
    case .value(.some(let bytes), let expires):
      bytes.withUnsafeBytes {
        _ = setIntent(space, key, value: $0, transaction: transaction, expires: expires)
      }
    case .value(nil, let expires):
      setIntent(space, key, value: nil, transaction: transaction, expires: expires)
    }
  }

  /// The transaction may commit at `timestamp` or later from now on. Returns whether it has an intent
  /// on the key.
  @discardableResult
  public func markPrepared(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, transaction: TransactionID,
    at timestamp: Timestamp
  ) -> Bool {
    guard let head = tree(space)?.head(key), head.isIntent, head.transaction == transaction
    else { return false }
    head.timestamp = timestamp
    head.flags = head.flags.union(.prepared)
    return true
  }

  /// Turns the transaction's intent into a version committed at `commitAt` by the entry `index`, or
  /// removes it (nil: abort). Returns whether there was one.
  @discardableResult
  public func resolveIntent(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, transaction: TransactionID,
    commitAt: Timestamp?, index: LogIndex
  ) -> Bool {
    guard let commitAt else { return takeIntent(space, key, transaction) }
    guard let tree = tree(space) else { return false }
    var place = tree.find(key)
    guard place.isEqual else { return false }
    var head = place.leaf.version(place.slot)
    guard head.isIntent, head.transaction == transaction else { return false }
    if let older = head.older, older.isFixed(above: commitAt, index.rawValue) {
      place = tree.widen(key)
      head = place.leaf.version(place.slot)
    }
    let older = head.older
    head.timestamp = commitAt
    head.index = index
    head.flags = head.flags.subtracting([.intent, .prepared])
    place.leaf.quietLooks = 0
    tree.intentCount -= 1
    if let older {
      // Take it out and link it again, which finds its place and prunes.
      head.older = nil
      place.leaf.setVersion(older, at: place.slot)
      link(head, into: tree, at: place)
    }
    if index > settledIndex { speculative.append(index, space, key) }
    return true
  }

  @discardableResult
  private func takeIntent(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, _ transaction: TransactionID
  ) -> Bool {
    guard let tree = tree(space) else { return false }
    let place = tree.locate(key)
    guard place.isEqual else { return false }
    let head = place.leaf.version(place.slot)
    guard head.isIntent, head.transaction == transaction else { return false }
    tree.intentCount -= 1
    let older = head.older
    tree.free(head)
    if let older {
      place.leaf.setVersion(older, at: place.slot)
    } else {
      tree.remove(at: place)
    }
    return true
  }
}
