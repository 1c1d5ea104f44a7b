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

    public static ProdOpsException StoreNotRead(string path, Exception cause) => new(
        "LogStoreReadFailed", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.ReadError,
        $"'{path}' could not be read: {cause.Message}",
        "Whoever reads a store needs the rights to read its folders and files. Where the disk fails, copy the store to another one, and look at the copy with Repair-LogStore -WhatIf.", cause) { Target = path };

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

    public static ProdOpsException HoldsUnreadable(string path, Exception? cause) => new(
        "LogHoldUnreadable", ErrorKind.InvalidData,
        $"'{path}' says what must not be removed, and cannot be read{(cause is null ? "." : $": {cause.Message}")}",
        "Nothing of this source is removed until it can be read. Mend the file, or delete it if nothing is held.", cause) { Target = path };

    public static ProdOpsException HoldNotFound(string reason) => new(
        "LogHoldNotFound", ErrorKind.NotFound,
        $"Nothing is held for '{reason}'.",
        "Get-LogStore tells the holds: Get-LogStore | ForEach-Object Holds") { Target = reason };

    public static ProdOpsException NothingStored(IReadOnlyList<string> servers, IReadOnlyList<string> sources, string folder) => new(
        "LogSourceNotFound", ErrorKind.NotFound,
        $"The store in '{folder}' has nothing of {(sources.Count == 0 ? "any source" : string.Join(", ", sources))} of {(servers.Count == 0 ? "any server" : string.Join(", ", servers))}.",
        "Get-LogStore tells what it has.") { Target = sources.Count > 0 ? sources[0] : servers[0] };

    public static ProdOpsException RetentionMissing() => new(
        "LogRetentionMissing", ErrorKind.InvalidArgument,
        "It is not said what goes: neither -OlderThan nor -MaxSize, and no Retention or MaxSize under Logging of an environment.",
        "Say -OlderThan 90d or -MaxSize 200GB, or write it to environment.psd1: Logging = @{ Retention = '90d' }.");
}
