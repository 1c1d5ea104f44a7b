using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Planning;

/// <summary>Reads the contents of files of configuration for a plan: of those that a capture found to be free of secrets, and of no other.</summary>
internal static partial class CaptureContents
{
    private const string Script = """
        while IFS= read -r path; do
            if [ -f "$path" ] && [ -r "$path" ] && [ "$(wc -c <"$path")" -le 1048576 ]; then printf '>%s\n' "$path"; base64 <"$path"; else printf '!%s\n' "$path"; fi
        done

        """;

    /// <summary>The files of a capture whose content a plan needs.</summary>
    public static IReadOnlyList<string> Wanted(ServerConfiguration capture) =>
        [.. capture.Items.Where(item => PlanText.IsPath(item.Name) && ServerPlanner.IsReplayed(item)).Select(item => item.Name)];

    /// <summary>Reads files. What cannot be read, or proves to hold a private key after all, is not among the result.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(IServerShell shell, IReadOnlyList<string> paths, bool asRoot, CancellationToken cancellationToken)
    {
        var options = new CommandRunOptions { Input = Encoding.UTF8.GetBytes(string.Concat(paths.Select(path => path + "\n"))), MaximumOutput = 64 * 1024 * 1024 };
        var output = await shell.RunAsync(new ServerCommand(Script) { AsRoot = asRoot, Idempotent = true, PosixLocale = true }, options, cancellationToken).ConfigureAwait(false);
        return Parse(output.EnsureSuccess().Text, paths);
    }

    /// <summary>Reads what the script printed: only files that were asked for, in the order in which they were.</summary>
    public static IReadOnlyDictionary<string, byte[]> Parse(string text, IReadOnlyList<string> paths)
    {
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var lines = text.Split('\n');
        int at = 0;
        foreach (string path in paths)
        {
            while (at < lines.Length && lines[at].Length == 0) at++;
            if (at == lines.Length) break;
            if (lines[at] == "!" + path)
            {
                at++;
                continue;
            }

            if (lines[at] != ">" + path) break;
            var code = new StringBuilder();
            while (++at < lines.Length && lines[at] is not ['>' or '!', ..]) code.Append(lines[at].Trim());
            byte[] bytes = new byte[code.Length];
            if (Convert.TryFromBase64String(code.ToString(), bytes, out int length) && !PrivateKey().IsMatch(Encoding.Latin1.GetString(bytes, 0, length))) contents[path] = bytes[..length];
        }

        return contents;
    }

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----")]
    private static partial Regex PrivateKey();
}
