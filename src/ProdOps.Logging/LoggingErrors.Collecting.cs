using ProdOps.Logging.Collecting;

namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public static ProdOpsException TooManyLogFiles(LogStream stream) => new(
        "TooManyLogFiles", ErrorKind.InvalidOperation,
        $"The log source '{stream.Source}' of server '{stream.Server}' has so many files that where each of them is read up to cannot be kept.",
        "Make several sources of it, each with fewer files, or leave out by Exclude what nobody needs.") { Target = stream.ToString() };

    public static ProdOpsException CheckpointNotUnderstood(LogStream stream) => new(
        "CheckpointNotUnderstood", ErrorKind.InvalidData,
        $"How far the log source '{stream.Source}' of server '{stream.Server}' was collected cannot be understood.",
        "A later version of ProdOps may have collected it, or the source was of another kind. Give the source another name to begin anew.") { Target = stream.ToString() };
}
