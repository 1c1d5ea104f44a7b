using System.Globalization;
using static System.FormattableString;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>The most of a text that is read. A host with hundreds of CPUs and thousands of interfaces tells a tenth of it.</summary>
internal sealed record MetricTextLimits
{
    /// <summary>Characters of all of it, unpacked.</summary>
    public long Size { get; init; } = 32 * 1024 * 1024;

    /// <summary>Characters of a line.</summary>
    public int Line { get; init; } = 64 * 1024;

    /// <summary>Values.</summary>
    public int Samples { get; init; } = 250_000;
}

/// <summary>Takes a value; what it is given is gone when it returns.</summary>
internal delegate void TakeSample(TextSample sample);

/// <summary>
/// Reads Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), with what OpenMetrics 1.0 has more, out of pieces of any size: no more than a line is kept.
/// It is as strict as Prometheus: where a line is none of the format, nothing that was taken is to be used, for nobody knows what else is not what it seems.
/// </summary>
/// <param name="limits">The most that is read.</param>
/// <param name="take">Gets the values, in their order.</param>
internal sealed class MetricTextParser(MetricTextLimits limits, TakeSample take)
{
    private const int ShownBeginning = 60, UsualLine = 512;

    private char[] _line = [];
    private int _kept, _samples;
    private long _size, _lines;
    private bool _ended;

    /// <summary>Reads on.</summary>
    /// <exception cref="MetricTextException">It is none of the format, or too much.</exception>
    public void Append(ReadOnlySpan<char> text)
    {
        _size += text.Length;
        if (_size > limits.Size) throw new MetricTextException(Invariant($"more than {limits.Size >> 20} MiB"), MetricTextFault.TooMuch);
        for (int end; (end = text.IndexOf('\n')) >= 0; text = text[(end + 1)..])
        {
            if (_kept == 0) Read(text[..end]);
            else
            {
                Keep(text[..end]);
                Read(_line.AsSpan(0, _kept));
                _kept = 0;
            }
        }

        Keep(text);
    }

    /// <summary>Says that nothing more comes.</summary>
    /// <exception cref="MetricTextException">The last line has no end, or there was nothing but that.</exception>
    public void Complete()
    {
        var line = _line.AsSpan(0, _kept);
        // A text of one line, without an end and without a value before it, was none from the beginning.
        if (_samples == 0 && line is not ([] or ['#', ..])) throw Foreign("it has no values", line);
        if (_kept > 0) throw new MetricTextException($"its last line breaks off: {Shown(line)}", MetricTextFault.Unfinished);
    }

    private void Keep(ReadOnlySpan<char> text)
    {
        if (text.Length == 0) return;
        int length = Bounded(_kept + text.Length);
        if (length > _line.Length) Array.Resize(ref _line, Math.Min(Math.Max(UsualLine, 2 * length), limits.Line));
        text.CopyTo(_line.AsSpan(_kept));
        _kept = length;
    }

    private void Read(ReadOnlySpan<char> line)
    {
        _lines++;
        Bounded(line.Length);
        line = line.Trim(" \t\r");
        if (line.Length == 0) return;
        if (_ended) throw Foreign("something comes behind its end", line);
        if (line[0] == '#')
        {
            // HELP and TYPE say nothing that is not known of node_exporter.
            _ended = line is "# EOF";
            return;
        }

        if (!TextSample.TryParse(line, out var sample)) throw Foreign(Invariant($"line {_lines} is none of the format"), line);
        if (++_samples > limits.Samples) throw new MetricTextException($"more than {limits.Samples.ToString("N0", CultureInfo.InvariantCulture)} values", MetricTextFault.TooMuch);
        take(sample);
    }

    private int Bounded(int length) => length <= limits.Line ? length : throw new MetricTextException(Invariant($"a line of more than {limits.Line >> 10} KiB"), MetricTextFault.TooMuch);

    private static MetricTextException Foreign(string why, ReadOnlySpan<char> line) => new($"{why}: {Shown(line)}", MetricTextFault.Foreign);

    private static string Shown(ReadOnlySpan<char> line) => Notifications.PlainLine.Of(line[..Math.Min(line.Length, 2 * ShownBeginning)].ToString(), ShownBeginning);
}
