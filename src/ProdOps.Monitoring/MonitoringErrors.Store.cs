namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    public const string ChunkInvalidId = "MetricChunkInvalid";

    public static ProdOpsException ChunkInvalid(string why) => new(
        ChunkInvalidId, ErrorKind.InvalidData,
        $"A chunk of samples cannot be read: {why}.",
        "The disk or the memory has damaged it: look at the kernel's log, and check the file: sqlite3 FILE 'PRAGMA integrity_check'.");

    public const string ChunkLostId = "MetricChunkLost";

    public static ProdOpsException ChunkLost(string path, string series, DateTimeOffset start, Exception cause) => new(
        ChunkLostId, ErrorKind.InvalidData,
        $"The samples of {series} from {start:yyyy-MM-dd HH:mm} UTC on in '{path}' cannot be read. {cause.Message}",
        $"All else can. The disk or the memory has damaged it: look at the kernel's log, and check the file: sqlite3 '{path}' 'PRAGMA integrity_check'.", cause) { Target = path };

    public static ProdOpsException TooManySeries() => new(
        "MetricSeriesTooMany", ErrorKind.ResourceUnavailable,
        "A store holds 16,777,215 series in its life, and they are used up.",
        "Move the file away, and the monitor begins a new one. Look for instances with names that are new each time, and leave them out.");

    public static ProdOpsException StoreNotFound(string path) => new(
        "MetricStoreNotFound", ErrorKind.NotFound,
        $"There is no store of monitoring at '{path}'.",
        "Start-HealthMonitor makes one when it first runs. Name another place if yours is elsewhere.") { Target = path };

    public static ProdOpsException StoreForeign(string path) => new(
        "MetricStoreForeign", ErrorKind.InvalidData,
        $"'{path}' is a database, and not one of monitoring.",
        "Name another file; this one is left as it is.") { Target = path };

    public static ProdOpsException StoreVersion(string path, long version) => new(
        "MetricStoreVersion", ErrorKind.NotSupported,
        $"'{path}' is of version {version}, which this ProdOps does not know.",
        "Update ProdOps on this machine: a later one has written it.") { Target = path };

    public static ProdOpsException StoreNotOpened(string path, Exception cause) => new(
        "MetricStoreNotOpened", ErrorKind.PermissionDenied,
        $"'{path}' cannot be opened: {cause.Message}",
        "The user needs the right to write to the file and its folder, to read as well: readers share a file beside it.", cause) { Target = path };

    public const string TwoMonitorsId = "MonitorEventsForeign";

    public static ProdOpsException TwoMonitors(string path) => new(
        TwoMonitorsId, ErrorKind.InvalidOperation,
        $"Somebody else has added events to '{path}'.",
        "One monitor a store: end the other one, and start this one again.") { Target = path };

    public const string StoreDamagedId = "MetricStoreDamaged";

    public const string StoreFullId = "MetricStoreWriteFailed";

    public const string StoreBusyId = "MetricStoreBusy";

    /// <summary>What one of SQLite's result codes (sqlite.org/rescode.html) means for who keeps a store.</summary>
    public static ProdOpsException Store(string path, int code, Exception cause) => code switch
    {
        5 or 6 => new(StoreBusyId, ErrorKind.ResourceBusy,
            $"Another process has been writing to '{path}' for too long.",
            "One monitor a store is enough: see whether a second one runs, or whether somebody holds a transaction open in sqlite3.", cause) { Target = path },
        10 or 13 => new(StoreFullId, ErrorKind.WriteError,
            $"Nothing could be written to '{path}': {cause.Message}",
            "What was kept before is safe. Give the disk room, or keep samples for a shorter time.", cause) { Target = path },
        3 or 8 or 14 or 23 => StoreNotOpened(path, cause),
        11 or 26 => new(StoreDamagedId, ErrorKind.InvalidData,
            $"'{path}' is damaged: {cause.Message}",
            $"Stop the monitor and put what can still be read into a new file: sqlite3 '{path}' .recover | sqlite3 new.db. Or move it away, and the monitor begins a new one.", cause) { Target = path },
        _ => new("MetricStoreFailed", ErrorKind.NotSpecified, $"'{path}' cannot be used: {cause.Message}", "Check the file: sqlite3 FILE 'PRAGMA integrity_check'.", cause) { Target = path },
    };
}
