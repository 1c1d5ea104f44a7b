namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException EvidenceNotKept(string path, Exception cause) => new(
        "EvidenceNotKept", ErrorKind.WriteError,
        $"What was proved could not be written to '{path}': {cause.Message}",
        $"Get-ProductionReadiness will not know of it. Make room, or name another folder by $env:{Evidence.EvidenceFolder.Variable}.", cause) { Target = path };

    public static ProdOpsException EvidenceTooLong(string path, int length) => new(
        "EvidenceNotKept", ErrorKind.WriteError,
        $"What was proved was not written to '{path}': it takes {ByteSize.Format(length)}.",
        "Prove less at once.") { Target = path };

    public static ProdOpsException EvidenceBusy(string folder) => new(
        "EvidenceNotKept", ErrorKind.ResourceBusy,
        $"What was proved could not be written to '{folder}': another process has held its lock for too long.",
        "See what hangs; the lock ends with its process.") { Target = folder };

    public static ProdOpsException EvidenceUnreadable(string path, Exception cause) => new(
        "EvidenceUnreadable", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.ReadError,
        $"What was proved cannot be read from '{path}': {cause.Message}",
        $"Work as the user who proved it, or name a folder of your own by $env:{Evidence.EvidenceFolder.Variable}.", cause) { Target = path };
}
