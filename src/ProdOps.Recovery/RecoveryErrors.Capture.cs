namespace ProdOps.Recovery;

internal static partial class RecoveryErrors
{
    public static ProdOpsException CaptureNotFound(string path) => new(
        "CaptureNotFound", ErrorKind.NotFound,
        $"There is no capture at '{path}'.",
        "Check the path, or make one: Get-ServerConfiguration SERVER -Destination FILE.") { Target = path };

    public static ProdOpsException CaptureUnreadable(string path, string reason, Exception? cause) => new(
        "CaptureUnreadable", ErrorKind.InvalidData,
        $"'{path}' cannot be read as the capture of a server: {reason}",
        "Name a file that Get-ServerConfiguration -Destination wrote.", cause) { Target = path };

    public static ProdOpsException CaptureNotWritten(string path, Exception cause) => new(
        "CaptureNotWritten", ErrorKind.WriteError,
        $"The capture cannot be written to '{path}': {cause.Message}",
        "Name a folder that exists and that you may write to.", cause) { Target = path };

    public static ProdOpsException NothingToCompare(int captures) => new(
        "NothingToCompare", ErrorKind.InvalidArgument,
        captures == 0 ? "There is no capture to compare." : "There is one capture, and nothing to compare it with.",
        "Name two servers or more, or an older capture with -ReferencePath.");

    public static ProdOpsException CaptureNeedsFolder(string path, int servers) => new(
        "CaptureNeedsFolder", ErrorKind.InvalidArgument,
        $"'{path}' is one file, and {servers} servers are captured.",
        "Name a folder: each server gets a file of its own there.") { Target = path };
}
