namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public static ProdOpsException ExportExists(string path) => new(
        "LogExportExists", ErrorKind.AlreadyExists, $"'{path}' is there already.", "Name another file, or replace it with -Force.") { Target = path };

    public static ProdOpsException ExportNotWritten(string path, Exception cause) => new(
        "LogExportFailed", ErrorKind.WriteError, $"'{path}' cannot be written: {cause.Message}", "Nothing of it was left. Check the folder, its rights and the room on the disk.", cause) { Target = path };
}
