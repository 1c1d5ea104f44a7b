using ProdOps.Servers.Commands;

namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    private const string NothingHalf = "What came over whole is in place; of a file that was under way the former content is.";

    public static ProdOpsException RsyncMissing(string server) => new(
        "RsyncMissing", ErrorKind.NotSupported,
        $"Server '{server}' has no rsync, which data is synchronised by.",
        "Install the package rsync there: apt-get install rsync, or dnf install rsync. Copy-ServerItem needs none.") { Target = server };

    public static ProdOpsException RsyncTooOld(string server, string version) => new(
        "RsyncTooOld", ErrorKind.NotSupported,
        $"The rsync of server '{server}' is too old or another program: '{Shorten(version)}'. 3.1 or later is needed.",
        "Install rsync 3.1 or later there. Copy-ServerItem needs none.") { Target = server };

    public static ProdOpsException SyncOneSource(string named, int count) => new(
        "SyncSourceInvalid", ErrorKind.InvalidArgument,
        $"'{named}' names {count} servers, and the files of one can be right.",
        "Name one server by -Source.") { Target = named };

    public static ProdOpsException SyncRoot() => new(
        "SyncPathInvalid", ErrorKind.InvalidArgument,
        "The whole file system is not synchronised: the target would get the source's name, keys and addresses.",
        "Name the folder of the data.") { Target = "/" };

    public static ProdOpsException SyncSourceEmpty(string server, string path) => new(
        "SyncSourceEmpty", ErrorKind.InvalidOperation,
        $"'{path}' of server '{server}' is empty, so -Delete would delete everything on the others. Nothing was deleted.",
        "Look whether the disk is mounted there. To empty the others, delete their content by a command of your own.") { Target = server };

    public static ProdOpsException SyncRefused(string source, IEnumerable<string> words) => new(
        "SyncRefused", ErrorKind.InvalidData,
        $"The rsync of server '{source}' asks for something else to be run on the target than it was told to: '{Shorten(string.Join(' ', words))}'. Nothing was run there.",
        "An alias in ~/.popt or /etc/popt changes rsync's options, or somebody tampers with that server. Do not copy from it before you know.") { Target = source };

    public static ProdOpsException SyncHangs(string server, TimeSpan time) => new(
        "SyncHangs", ErrorKind.Timeout,
        $"The other side has ended, and rsync of server '{server}' still ran {time.TotalSeconds:0} s later. It was ended. {NothingHalf}",
        "Look what it waits for: a disk, or a network file system.") { Target = server };

    public static ProdOpsException SyncCut(string server, string path, Exception cause) => new(
        "TransferCut", ErrorKind.ResourceUnavailable,
        $"Synchronising '{path}' was cut: {cause.Message} {NothingHalf}",
        "Run it again when the server can be reached. An rsync that is left there ends by itself within minutes.", cause) { Target = server };

    public static ProdOpsException SyncFailed(string source, string target, string path, CommandExit exit, string errors) => errors.Contains("No space left", StringComparison.Ordinal)
        ? new("DestinationFull", ErrorKind.ResourceUnavailable,
            $"The disk of server '{target}' has too little room for '{path}'{FirstLines(errors)} {NothingHalf}",
            "Make room there and run it again.") { Target = target }
        : new("SyncFailed", ErrorKind.WriteError,
            $"Synchronising '{path}' from server '{source}' to '{target}' failed, rsync {Describe(exit)}{FirstLines(errors)}",
            $"See what rsync says, put it right, and run it again. {NothingHalf}") { Target = target };

    public static ProdOpsException SyncIncomplete(string source, string target, string path, string errors) => new(
        "SyncIncomplete", ErrorKind.WriteError,
        $"Not all of '{path}' of server '{source}' came to '{target}'{FirstLines(errors)}",
        "The rest is in place. Use -AsRoot if files may not be read or owners not be set, and run it again.") { Target = target };

    public static ProdOpsException SyncNotVerified(string source, string target, int count, string example) => new(
        "SyncNotVerified", ErrorKind.InvalidData,
        $"After it was synchronised server '{target}' differs from '{source}' in {count:N0} {(count == 1 ? "item" : "items")}: '{Printable(example)}'{(count == 1 ? "" : " for one")}.",
        "If files are written meanwhile, run it again at a quiet time. Compare-ServerItem shows what differs; owners take -AsRoot, a file with another content and the same time must not be passed over by -Quick.") { Target = target };

    public static ProdOpsException SyncPlanTooLong(string server, int limit) => new(
        "OutputTooLarge", ErrorKind.InvalidData,
        $"On server '{server}' rsync names more than {limit:N0} items.",
        "Synchronise folder by folder to see what would be done.") { Target = server };
}
