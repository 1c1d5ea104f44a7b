using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Lists trees of a server.</summary>
internal static class RemoteTree
{
    private const int MaximumOutput = 1024 * 1024 * 1024;
    private const int ReportedErrors = 10;

    /// <summary>What is at a path of a server. What the server complains of is told as warnings, and then the tree is partial.</summary>
    public static async Task<RemoteListing> ReadAsync(IServerShell shell, ListRequest request, IActivity activity, CancellationToken cancellationToken)
    {
        string mark = Guid.NewGuid().ToString("n");
        var command = new ServerCommand(ListScript.Text(request.Path, mark, request.Scope, request.Hash, request.Folders)) { AsRoot = request.AsRoot, Idempotent = true };
        activity.Verbose($"{shell.Name}: looking at '{request.Path}'.");
        var options = new CommandRunOptions { MaximumOutput = MaximumOutput, Input = NamesInput(request.Names) };
        var output = await shell.RunAsync(command, options, cancellationToken).ConfigureAwait(false);
        if (output.StandardOutput.IsEmpty) output.EnsureSuccess();
        var listing = RemoteListing.Parse(output.StandardOutput.Span, mark, shell.Name);
        if (listing.Kind == "denied") throw ServersErrors.FolderDenied(shell.Name, request.Path);
        listing.Problems = Complaints(output.ErrorText);
        listing.Tree.IsPartial = listing.Tree.IsFolder && listing.Problems.Count > 0;
        return listing;
    }

    /// <summary>Paths as the commands take them: <c>./</c>, so that none is an option, and a NUL after each.</summary>
    public static byte[] NamesInput(IEnumerable<string> names)
    {
        using var bytes = new MemoryStream();
        foreach (string name in names)
        {
            bytes.Write("./"u8);
            bytes.Write(FileNames.Encode(name));
            bytes.WriteByte(0);
        }
        return bytes.ToArray();
    }

    private static IReadOnlyList<string> Complaints(string errors) =>
        [.. errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(ReportedErrors).Select(ServersErrors.Printable)];
}

/// <summary>What to list.</summary>
/// <param name="Path">The path on the server.</param>
/// <param name="Scope">What of it.</param>
internal sealed record ListRequest(string Path, ListScope Scope)
{
    /// <summary>For <see cref="ListScope.Named"/>: paths below <see cref="Path"/>.</summary>
    public IEnumerable<string> Names { get; init; } = [];

    /// <summary>For <see cref="ListScope.Named"/>: folders of which everything is listed besides, as far as it is on their file system.</summary>
    public IReadOnlyCollection<string> Folders { get; init; } = [];

    /// <summary>Also compute checksums.</summary>
    public bool Hash { get; init; }

    public bool AsRoot { get; init; }
}
