using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Schedules;

/// <summary>Small text files on a server, read and written whole.</summary>
internal sealed class ServerFiles(IServerShell shell, bool asRoot)
{
    private const int Missing = 44;

    /// <summary>A file's text, or <see langword="null"/> if there is none.</summary>
    public async Task<string?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string word = ShellQuote.Word(path);
        var output = await RunAsync($"[ -e {word} ] || exit {Missing}; cat {word}", cancellationToken).ConfigureAwait(false);
        return output.Exit.Code == Missing ? null : output.EnsureSuccess().Text;
    }

    /// <summary>Writes a file beside its place and renames it, so that nobody ever reads half of it; a lost connection leaves the former one. Its folder is made.</summary>
    public async Task WriteAsync(string path, string text, string mode, CancellationToken cancellationToken)
    {
        string word = ShellQuote.Word(path), fresh = ShellQuote.Word($"{path}.prodops-new"), folder = ShellQuote.Word(path[..path.LastIndexOf('/')]);
        // cron.d's files with a dot in their names are passed over by cron, unit files with another ending by systemd.
        string script = $"umask 022; mkdir -p {folder} && {WholeInput.Into(fresh, Encoding.UTF8.GetByteCount(text))} && chmod {mode} {fresh} && mv -f {fresh} {word} || {{ code=$?; rm -f {fresh}; exit $code; }}";
        (await RunAsync(script, cancellationToken, text).ConfigureAwait(false)).EnsureSuccess();
    }

    public async Task RemoveAsync(IEnumerable<string> paths, CancellationToken cancellationToken) =>
        (await RunAsync($"rm -rf {ShellQuote.Words(paths)}", cancellationToken).ConfigureAwait(false)).EnsureSuccess();

    /// <summary>Runs a command, with a text as its input.</summary>
    public Task<CommandOutput> RunAsync(string text, CancellationToken cancellationToken, string input = "") => shell.RunAsync(
        new ServerCommand(text) { AsRoot = asRoot }, new CommandRunOptions { Input = Encoding.UTF8.GetBytes(input) }, cancellationToken);
}
