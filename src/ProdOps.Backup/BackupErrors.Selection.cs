namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException PatternInvalid(string pattern) => new(
        "PatternInvalid", ErrorKind.InvalidArgument,
        $"The pattern '{pattern}' is malformed.",
        "Close every [ with a ], and put a \\ before a character that is to stand for itself.") { Target = pattern };

    public static ProdOpsException PatternFileUnreadable(string path, Exception inner) => new(
        "PatternFileUnreadable", inner is FileNotFoundException or DirectoryNotFoundException ? ErrorKind.NotFound : ErrorKind.ReadError,
        $"The file of patterns '{path}' cannot be read: {inner.Message}",
        "Check the path and who may read the file.", inner) { Target = path };

    public static ProdOpsException FolderTagInvalid(string text) => new(
        "FolderTagInvalid", ErrorKind.InvalidArgument,
        $"'{text}' names no file that could mark a folder.",
        "Give a file name, or a file name, a colon and the text the file must begin with.") { Target = text };
}
