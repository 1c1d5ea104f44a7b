using System.Management.Automation;
using System.Text;

namespace ProdOps.Host;

/// <summary>The last line of a terminal, rewritten in place: what is being done, how far, how long still.</summary>
internal sealed class ProgressLine(TextWriter terminal)
{
    private readonly Dictionary<int, ProgressRecord> _running = [];
    private bool _visible;

    public void Show(ProgressRecord record)
    {
        if (record.RecordType == ProgressRecordType.Completed) _running.Remove(record.ActivityId);
        else _running[record.ActivityId] = record;
        if (_running.Count == 0)
        {
            Clear();
            return;
        }

        string text = string.Join("  |  ", _running.Values.Select(Describe));
        int width = Math.Max(20, Width() - 1);
        terminal.Write("\r" + (text.Length > width ? text[..width] : text) + "\e[K");
        terminal.Flush();
        _visible = true;
    }

    public void Clear()
    {
        if (!_visible) return;
        terminal.Write("\r\e[K");
        terminal.Flush();
        _visible = false;
    }

    private static string Describe(ProgressRecord record)
    {
        var text = new StringBuilder(record.Activity);
        if (record.PercentComplete >= 0) text.Append($" {record.PercentComplete} %");
        if (!string.IsNullOrWhiteSpace(record.StatusDescription)) text.Append(", ").Append(record.StatusDescription);
        if (record.SecondsRemaining > 0) text.Append($", {TimeSpan.FromSeconds(record.SecondsRemaining):h\\:mm\\:ss} left");
        return text.Replace('\n', ' ').Replace('\r', ' ').ToString();
    }

    private static int Width()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException)
        {
            return 80;
        }
    }
}
