using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.HAProxy;

/// <summary>Writes a server-state file in one step: HAProxy reads it whenever its process begins.</summary>
internal static class StateFile
{
    private const int NotWritable = 97;

    /// <returns>False if this user may not write it, not even by sudo.</returns>
    /// <exception cref="ProdOpsException">It cannot be written.</exception>
    public static async Task<bool> TryWriteAsync(IServerShell shell, string path, byte[] states, CancellationToken cancellationToken)
    {
        string folder = path[..path.LastIndexOf('/')];
        // It is made anew beside the file, so the folder has to be writable; what is there already may belong to another user.
        var command = new ServerCommand($$"""
            d={{ShellQuote.Word(folder.Length > 0 ? folder : "/")}}; f={{ShellQuote.Word(path)}}; t=$f.prodops-$$
            [ -d "$d" ] || mkdir -p "$d" 2>/dev/null
            [ -w "$d" ] || exit {{NotWritable}}
            trap 'rm -f "$t"' EXIT
            umask 022; {{WholeInput.Into("\"$t\"", states.Length)}} && mv -f "$t" "$f"
            """);
        var options = new CommandRunOptions { Input = states };
        var output = await shell.RunAsync(command, options, cancellationToken).ConfigureAwait(false);
        if (output.Exit.Code != NotWritable)
        {
            output.EnsureSuccess();
            return true;
        }

        try
        {
            output = await shell.RunAsync(command with { AsRoot = true }, options, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.PermissionDenied or ErrorKind.Authentication or ErrorKind.NotFound)
        {
            return false;
        }

        if (output.Exit.Code == NotWritable) return false;
        output.EnsureSuccess();
        return true;
    }
}
