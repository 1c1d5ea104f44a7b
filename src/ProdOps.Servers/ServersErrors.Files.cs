namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException ArchiveCut(string server) => new(
        "TransferCut", ErrorKind.ResourceUnavailable,
        $"The data from server '{server}' stops before its end.",
        "Look whether the connection or the server's disk failed, and copy again.") { Target = server };

    public static ProdOpsException ArchiveDamaged(string server, string reason) => new(
        "ArchiveDamaged", ErrorKind.InvalidData,
        $"The archive from server '{server}' is damaged: {reason}.",
        "Nothing of it was put in place. Check the tar program of the server.") { Target = server };

    public static ProdOpsException ListingNotUnderstood(string server, string reason) => new(
        "ListingNotUnderstood", ErrorKind.InvalidData,
        $"What server '{server}' tells of its files is not understood: {reason}.",
        "Look whether the login shell's start-up files print something, and which find and stat the server has.") { Target = server };

    public static ProdOpsException ListingToolsMissing(string server) => new(
        "ListingToolsMissing", ErrorKind.NotSupported,
        $"Server '{server}' has neither GNU find nor a stat that knows -c, so its files cannot be listed.",
        "Install findutils, coreutils or BusyBox there.") { Target = server };

    public static ProdOpsException FolderDenied(string server, string path) => new(
        "AccessDenied", ErrorKind.PermissionDenied,
        $"The folder '{path}' of server '{server}' may not be entered by the login user.",
        "Use -AsRoot, or log in as a user that may.") { Target = server };

    public static ProdOpsException DestinationNoFolder(string server, string path) => new(
        "DestinationInvalid", ErrorKind.AlreadyExists,
        $"'{path}' of server '{server}' is no folder, and a folder cannot take its place.",
        "Name another destination, or remove what is there.") { Target = server };

    public static ProdOpsException TarMissing(string server) => new(
        "TarMissing", ErrorKind.NotSupported,
        $"Server '{server}' has no tar, which folders are copied by.",
        "Install tar or BusyBox there; single files can be copied without.") { Target = server };

    public static ProdOpsException ServerDiskFull(string server, string path, long? wanted = null, long? free = null) => new(
        "DestinationFull", ErrorKind.ResourceUnavailable,
        $"The disk of server '{server}' has too little room for '{path}'{(wanted is { } bytes ? $": {ByteSize.Format(bytes)} are needed and {ByteSize.Format(free ?? 0)} are free" : "")}. Nothing there was changed.",
        "Make room there, or name a destination on another disk. A copy needs room for all that is new beside what it replaces.") { Target = server };

    public static ProdOpsException DestinationNotWritable(string server, string path, string errors) => new(
        "DestinationNotWritable", ErrorKind.PermissionDenied,
        $"'{path}' of server '{server}' cannot be written{FirstLines(errors)}",
        "Use -AsRoot, or give the login user leave to write there.") { Target = server };

    public static ProdOpsException CopyFailed(string server, string path, string errors) => new(
        "CopyFailed", ErrorKind.WriteError,
        $"Copying to '{path}' of server '{server}' failed{FirstLines(errors)}",
        "See what the server says, put it right, and copy again.") { Target = server };

    public static ProdOpsException CopyNotVerified(string server, string path) => new(
        "CopyNotVerified", ErrorKind.InvalidData,
        $"'{path}' is not the same on server '{server}' and here after it was sent. Nothing was put in place.",
        "Copy again. If it happens again, test the memory and the disk of both machines.") { Target = server };

    public static ProdOpsException CopyOvertaken(string server, string path) => new(
        "CopyOvertaken", ErrorKind.ResourceBusy,
        $"Somebody else keeps changing '{path}' of server '{server}' while it is copied.",
        "Copy again when the other copy is done.") { Target = server };

    public static ProdOpsException ItemNotCopied(string server, string path, string reason) => new(
        "ItemNotCopied", ErrorKind.ReadError,
        $"'{path}' was not copied (server '{server}'): {reason}.",
        "The rest was copied. Put this right and copy again.") { Target = path };

    public static ProdOpsException ArchiveHostile(string server, string name) => new(
        "ArchiveHostile", ErrorKind.InvalidData,
        $"The archive from server '{server}' has an entry that was not asked for: '{Printable(name)}'. Nothing was put in place.",
        "Either the server's tar is broken or somebody tampers with it. Do not copy from this server before you know.") { Target = server };

    public static ProdOpsException FetchFailed(string server, string path, string errors) => new(
        "CopyFailed", ErrorKind.ReadError,
        $"Copying '{Shorten(path)}' from server '{server}' failed{FirstLines(errors)}",
        "See what the server says, put it right, and copy again.") { Target = server };

    public static ProdOpsException LocalDestinationNoFolder(string path) => new(
        "DestinationInvalid", ErrorKind.AlreadyExists,
        $"'{path}' is no folder, and a folder cannot take its place.",
        "Name another destination, or remove what is there.") { Target = path };

    public static ProdOpsException LocalDiskFull(string path, Exception cause) => new(
        "DestinationFull", ErrorKind.ResourceUnavailable,
        $"This machine's disk has too little room for '{path}'. Nothing there was changed.",
        "Make room, or name a destination on another disk. A copy needs room for all that is new beside what it replaces.", cause) { Target = path };

    public static ProdOpsException LocalCopyFailed(string path, FileSystem.FileSystemException cause) => new(
        "CopyFailed", cause.Kind == ErrorKind.NotSpecified ? ErrorKind.WriteError : cause.Kind,
        $"Copying to '{path}' failed: {cause.Message}.",
        "Put it right and copy again.", cause) { Target = path };

    public static ProdOpsException TransferCut(string server, string path, Exception? cause) => new(
        "TransferCut", ErrorKind.ResourceUnavailable,
        $"The copy of '{path}' between this machine and server '{server}' was cut.",
        "Copy again: what has arrived is kept, and the copy goes on from there.", cause) { Target = server };

    public static ProdOpsException SourceChanged(string path) => new(
        "SourceChanged", ErrorKind.InvalidOperation,
        $"'{path}' became shorter or longer while it was copied. Nothing was put in place.",
        "Copy it when nobody writes to it, or copy the folder it is in, which takes files as they are at that moment.") { Target = path };

    public static ProdOpsException LocalDestinationFolder(string path) => new(
        "DestinationInvalid", ErrorKind.AlreadyExists,
        $"'{path}' is a folder, and a file cannot take its place.",
        "End the destination with a slash to copy the file into the folder.") { Target = path };

    public static ProdOpsException ServerSourceNotFound(string server, string path) => new(
        "SourceNotFound", ErrorKind.NotFound,
        $"'{path}' does not exist on server '{server}', or is no file or folder.",
        "Check the path; a relative one begins in the login user's home folder. With -AsRoot more can be seen.") { Target = server };

    public static ProdOpsException LocalSourceNotFound(string path) => new(
        "SourceNotFound", ErrorKind.NotFound,
        $"'{path}' does not exist, or is no file or folder.",
        "Check the path.") { Target = path };

    public static ProdOpsException ItemNotRead(FileSystem.FileSystemException cause) => new(
        "ItemNotCopied", cause.Kind == ErrorKind.NotSpecified ? ErrorKind.ReadError : cause.Kind,
        $"'{cause.Path}' was not copied: {cause.Reason}.",
        "The rest is copied. Put this right and copy again.", cause) { Target = cause.Path };

    public static ProdOpsException ChecksumToolMissing(string server) => new(
        "ChecksumToolMissing", ErrorKind.NotSupported,
        $"Server '{server}' has no program for SHA-256, so its files cannot be compared.",
        "Install coreutils, BusyBox, OpenSSL or perl's shasum there.") { Target = server };

    public static ProdOpsException ReferenceServerMissing(string server) => new(
        "ReferenceServerMissing", ErrorKind.NotFound,
        $"The reference server '{server}' is not among the servers that answered.",
        "Name it in -Server, too, by the same name.") { Target = server };

    public static ProdOpsException ItemNowhere(string path) => new(
        "SourceNotFound", ErrorKind.NotFound,
        $"'{path}' exists on none of the servers.",
        "Check the path. With -AsRoot more can be seen.") { Target = path };
}
