using System.Text;

namespace ProdOps.Monitoring.Exporting;

/// <summary>A text file that is there whole or not at all: it gets its name, in the place of the one before, when everything is in it and on the disk.</summary>
internal sealed class ExportFile : IDisposable
{
    private readonly string _path, _temporary;
    private readonly FileStream _file;
    private readonly StreamWriter _writer;
    private bool _completed;

    /// <exception cref="ProdOpsException">It cannot be made.</exception>
    public ExportFile(string path)
    {
        _path = path;
        // The textfile collector reads what ends with .prom: not this.
        _temporary = $"{path}.{Environment.ProcessId}.tmp";
        _file = Try(() => new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None));
        // Half of a pair of surrogates becomes the sign for what cannot be read.
        _writer = new StreamWriter(_file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 65536);
    }

    public long Bytes { get; private set; }

    /// <exception cref="ProdOpsException">It cannot be written.</exception>
    public void Write(string line, string end) => Try(() =>
    {
        _writer.Write(line);
        _writer.Write(end);
        return true;
    });

    /// <summary>Gives it its name.</summary>
    /// <exception cref="ProdOpsException">It cannot be written.</exception>
    public void Complete() => Try(() =>
    {
        _writer.Flush();
        _file.Flush(flushToDisk: true);
        Bytes = _file.Length;
        _writer.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        return _completed = true;
    });

    public void Dispose()
    {
        if (_completed) return;
        try
        {
            _writer.Dispose();
            _file.Dispose();
        }
        catch (IOException)
        {
            // What is still in its buffer cannot be written either; that has been told.
        }

        try
        {
            File.Delete(_temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is not read by anybody, and written anew the next time.
        }
    }

    private T Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw MonitoringErrors.ExportFailed(_path, error);
        }
    }
}
