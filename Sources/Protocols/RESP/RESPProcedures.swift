public import Node

/// What calls of RESP's sessions may run on other nodes.
public enum RESPProcedures {
  public static let all: [any Procedure.Type] = [
    RunCommands.self, FetchKeys.self, FetchDatabase.self, WriteRows.self, WatchKey.self,
    CountKeys.self, RemoveAll.self,
    CountKeyspaces.self,
    FindKeys.self, ScanKeys.self, SampleKeys.self, SwapDatabases.self,
    RemoveExpired.self, RemoveExpiredFields.self,
    AwaitKeys.self, EvictKeys.self, SlotKeys.self, CountSlotKeys.self,
  ]
}
