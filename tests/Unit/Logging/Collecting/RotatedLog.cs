using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>A log of numbered lines that a shell writes and the real logrotate rotates.</summary>
internal sealed partial class RotatedLog : IAsyncDisposable
{
    private readonly string _folder, _config;

    // Opens the log for each line, as >> does, and answers an empty line when all before it is written.
    private readonly Process _writer;
    private int _last;

    /// <param name="folder">A folder of its own, not there yet.</param>
    /// <param name="way">logrotate's directives.</param>
    public RotatedLog(string folder, string way)
    {
        _folder = Path.Combine(folder, "log");
        _config = Path.Combine(folder, "logrotate.conf");
        Directory.CreateDirectory(_folder);
        File.WriteAllText(_config, $"{Log} {{\nrotate 500\nmissingok\n{way}\n}}\n");
        Tool.SetMode(_config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _writer = Process.Start(new ProcessStartInfo("sh", ["-c", "while IFS= read -r line; do if [ -n \"$line\" ]; then printf '%s\\n' \"$line\" >>\"$0\"; else echo; fi; done", Log]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    public string Log => Path.Combine(_folder, "app.log");

    public int RotatedFiles => Directory.GetFiles(_folder).Count(path => path != Log);

    /// <summary>What logrotate complained of last.</summary>
    public string Complaint { get; private set; } = "";

    /// <summary>Writes lines, and rotates while they are written.</summary>
    public async Task WriteAsync(Random random, bool rotates, CancellationToken cancellationToken)
    {
        // Few lines at times: of a short file little tells which it is.
        int lines = random.Next(3) == 0 ? random.Next(1, 3) : random.Next(1, rotates ? 300 : 20);
        string text = string.Concat(Enumerable.Range(_last + 1, lines).Select(number => string.Create(CultureInfo.InvariantCulture, $"{number} {new string('.', random.Next(200))};\n")));
        _last += lines;
        var rotating = rotates ? Task.Run(Rotate, CancellationToken.None) : Task.CompletedTask;
        await _writer.StandardInput.WriteAsync((text + "\n").AsMemory(), cancellationToken);
        await _writer.StandardInput.FlushAsync(cancellationToken);
        await _writer.StandardOutput.ReadLineAsync(cancellationToken);
        await rotating;
    }

    /// <summary>
    /// The lines that are on the disk. logrotate itself loses lines: those written between copying and cutting, and those that a writer that was held up writes to a file already packed.
    /// </summary>
    public string[] Surviving() => [.. Directory.GetFiles(_folder).SelectMany(path => LinesIn(path.Contains(".gz", StringComparison.Ordinal) ? Tool.Succeed("gzip", "-dcf", path) : File.ReadAllText(path)))];

    public static string[] LinesIn(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The number of a line, or null of one of which only a part is there: logrotate may copy a file while the last line is written, and then cut the rest of it.</summary>
    public static int? NumberOf(string line) => WholeLine().Match(line) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    public async ValueTask DisposeAsync()
    {
        _writer.StandardInput.Close();
        await _writer.WaitForExitAsync();
        _writer.Dispose();
    }

    [GeneratedRegex("^([0-9]+) \\.*;$")]
    private static partial Regex WholeLine();

    private void Rotate() => Complaint = Tool.Run("logrotate", "-f", "-s", _config + ".state", _config).Error;
}
