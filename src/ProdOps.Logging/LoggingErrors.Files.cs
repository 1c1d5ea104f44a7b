namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public static ProdOpsException FileNotRead(string path, Exception cause) => new(
        "LogFileNotRead", cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : cause is FileNotFoundException or DirectoryNotFoundException ? ErrorKind.NotFound : ErrorKind.ReadError,
        $"'{path}' cannot be read: {cause.Message}",
        "Check the path; logs often belong to root or to the group adm.", cause) { Target = path };

    public static ProdOpsException FileDamaged(string path, Exception cause) => new(
        "LogFileDamaged", ErrorKind.InvalidData,
        $"'{path}' is damaged: {cause.Message}",
        "What came before the damage was read.", cause) { Target = path };

    public static ProdOpsException DecompressorMissing(string path, string tool, Exception cause) => new(
        "LogDecompressorMissing", ErrorKind.NotSupported,
        $"'{path}' is decompressed by {tool}, which is not on this machine.",
        $"Install {tool} (Debian: apt-get install {(tool == "xz" ? "xz-utils" : tool)}), or decompress the file first.", cause) { Target = path };

    public static ProdOpsException NotALog(string path) => new(
        "LogFileNotText", ErrorKind.InvalidData,
        $"'{path}' is not a log: its beginning is not text.",
        "Journals are read by journalctl (Sync-Log, or journalctl -o json); wtmp and btmp by last.") { Target = path };
}
