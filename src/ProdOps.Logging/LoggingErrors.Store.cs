namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public static ProdOpsException SegmentInvalid(string path, string why, Exception? cause = null) => new(
        "LogSegmentInvalid", ErrorKind.InvalidData,
        $"'{path}' is not a segment of a log store: {why}.",
        "If it is a log, bring it in with Import-Log. If it is a damaged segment, zstdcat prints what can still be read; Repair-LogStore looks at all of a store.", cause) { Target = path };

    public const string SegmentDamagedId = "LogSegmentDamaged";

    public static ProdOpsException SegmentDamaged(string path, long offset, string why, Exception? cause = null) => new(
        SegmentDamagedId, ErrorKind.InvalidData,
        $"'{path}' is damaged at byte {offset}: {why}",
        "Repair-LogStore keeps what can be read and names what is lost.", cause) { Target = path };

    public const string StoreNotWrittenId = "LogStoreWriteFailed";

    public static ProdOpsException StoreNotWritten(string folder, Exception cause) => new(
        StoreNotWrittenId, ErrorKind.WriteError,
        $"Nothing could be added to '{folder}': {cause.Message}",
        "What was kept before is safe, and what was not kept is collected again the next time. Give it room (Remove-Log), or the rights to write there.", cause) { Target = folder };

    public static ProdOpsException StreamBusy(string stream, int seconds) => new(
        "LogStreamBusy", ErrorKind.ResourceBusy,
        $"Another process has been writing to '{stream}' for more than {seconds} s.",
        "Try again when it has ended; ps tells which it is.") { Target = stream };

    public static ProdOpsException StreamBeingCollected(string stream) => new(
        "LogStreamBeingCollected", ErrorKind.ResourceBusy,
        $"'{stream}' is being collected by another process.",
        "Wait until it has ended: two at once would bring lines twice.") { Target = stream };
}
