using System.Text;
using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Servers.Inventory;

/// <summary>Reads an environment's file and what it includes. All that is wrong is collected; nothing is thrown for it.</summary>
internal sealed class EnvironmentReader
{
    /// <summary>A file of people's making is far smaller; a log by mistake is not read into memory.</summary>
    private const long MaximumFileSize = 4 << 20;

    private readonly List<EnvironmentProblem> _problems = [];
    private readonly List<ReadFile> _files = [];
    private readonly List<IncludeRule> _includes = [];
    private readonly Stack<string> _reading = [];

    private EnvironmentReader()
    {
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ProdOpsException">The file does not exist or cannot be read.</exception>
    public static EnvironmentReading Read(string path)
    {
        path = Path.GetFullPath(path);
        var reader = new EnvironmentReader();
        reader.AddFile(path, from: null);
        var merged = new EnvironmentMerge(reader._problems).Merge(path, [.. reader._files.Where(file => file.Values is not null).Select(file => file.Values!)]);
        EnvironmentProblem[] problems = [.. reader._problems.Distinct().OrderBy(problem => reader.IndexOf(problem.Position.File)).ThenBy(problem => problem.Position.Line).ThenBy(problem => problem.Position.Column)];
        return new EnvironmentReading(
            merged with { Files = reader._files.Select(file => file.Stamp.Path).ToArray() }, problems, [.. reader._files.Select(file => file.Stamp)], reader._includes);
    }

    private int IndexOf(string file) => _files.FindIndex(read => read.Stamp.Path == file);

    private void AddFile(string path, SourcePosition? from)
    {
        if (_reading.Contains(path, StringComparer.Ordinal))
        {
            _problems.Add(EnvironmentProblems.IncludeCycle(from!.Value, [.. _reading.Reverse().SkipWhile(file => file != path), path]));
            return;
        }

        // Two patterns may name the same file.
        if (_files.Any(file => file.Stamp.Path == path)) return;
        var stamp = FileStamp.Of(path);
        string? text = ReadText(path, from);
        var table = text is null ? null : DataParser.Parse(text, path, _problems);
        var values = table is null ? null : RootSection.Schema.Read(table, new ReadContext(_problems));
        _files.Add(new ReadFile(stamp, values));
        if (values?.Get(RootSection.Include) is not { } patterns) return;
        _reading.Push(path);
        foreach (var pattern in patterns) Include(path, pattern);
        _reading.Pop();
    }

    private void Include(string path, Located<string> pattern)
    {
        string full = Path.GetFullPath(pattern.Value, Path.GetDirectoryName(path)!);
        var rule = new IncludeRule(full, FilePattern.Expand(full));
        _includes.Add(rule);
        if (rule.Files.Count == 0)
            _problems.Add(FilePattern.HasWildcards(full) ? EnvironmentProblems.IncludeMatchesNothing(pattern.Position, pattern.Value) : EnvironmentProblems.IncludeNotFound(pattern.Position, pattern.Value));
        foreach (string file in rule.Files) AddFile(file, pattern.Position);
    }

    private string? ReadText(string path, SourcePosition? from)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaximumFileSize)
            {
                _problems.Add(EnvironmentProblems.FileTooLarge(path, MaximumFileSize));
                return null;
            }

            using var reader = new StreamReader(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            _problems.Add(EnvironmentProblems.NoText(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            if (from is null) throw ServersErrors.EnvironmentNotFound(path);
            _problems.Add(EnvironmentProblems.IncludeNotFound(from.Value, path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (from is null) throw ServersErrors.EnvironmentUnreadable(path, exception);
            _problems.Add(EnvironmentProblems.IncludeUnreadable(from.Value, path));
        }

        return null;
    }

    private sealed record ReadFile(FileStamp Stamp, TableValues? Values);
}

/// <summary>What reading an environment has given.</summary>
/// <param name="Environment">What could be read; complete if there is no problem but warnings.</param>
/// <param name="Problems">What is wrong, in the order of the files.</param>
/// <param name="Files">The files and their times.</param>
/// <param name="Includes">What their patterns stood for.</param>
internal sealed record EnvironmentReading(
    ProdOpsEnvironment Environment,
    IReadOnlyList<EnvironmentProblem> Problems,
    IReadOnlyList<FileStamp> Files,
    IReadOnlyList<IncludeRule> Includes)
{
    public IEnumerable<EnvironmentProblem> Errors => Problems.Where(problem => !problem.IsWarning);

    /// <summary>True while no file has changed, and the patterns stand for the same files.</summary>
    public bool IsCurrent => Files.All(file => FileStamp.Of(file.Path) == file) && Includes.All(include => FilePattern.Expand(include.Pattern).SequenceEqual(include.Files));

    /// <summary>The environment.</summary>
    /// <exception cref="ProdOpsException">There are errors.</exception>
    public ProdOpsEnvironment Require() => Errors.Any() ? throw ServersErrors.EnvironmentInvalid(Environment.Path, [.. Errors]) : Environment;
}

/// <summary>What a pattern stood for when it was read.</summary>
internal sealed record IncludeRule(string Pattern, IReadOnlyList<string> Files);

/// <summary>A file as it was when it was read.</summary>
internal readonly record struct FileStamp(string Path, DateTime WrittenAt, long Length)
{
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new(path, file.LastWriteTimeUtc, file.Length) : new(path, default, -1);
    }
}
