using ProdOps.Monitoring.Exporting;

namespace ProdOps.Monitoring.Running.Outlets;

/// <summary>
/// Writes the newest samples to a file of node_exporter's textfile collector, again and again, each time as a whole. When the monitor ends it is removed: values of then are not those of now.
/// </summary>
/// <param name="path">The file; its name must end with .prom.</param>
/// <param name="interval">How often.</param>
/// <param name="lines">Writes what is in it.</param>
/// <param name="time">The clock.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class TextFileOutlet(string path, TimeSpan interval, Func<IEnumerable<string>> lines, TimeProvider time, IActivity activity) : IOutlet
{
    private string? _trouble;

    public string Name => "textfile";

    public string? Trouble => Volatile.Read(ref _trouble);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
                Write();
            }
        }
        finally
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                activity.Warning($"'{path}' could not be removed, and shows values of then: {error.Message}");
            }
        }
    }

    private void Write()
    {
        try
        {
            using var file = new ExportFile(path);
            foreach (string line in lines()) file.Write(line, "\n");
            file.Complete();
            Volatile.Write(ref _trouble, null);
        }
        catch (ProdOpsException error)
        {
            if (_trouble is null) activity.Warning(error.Message);
            Volatile.Write(ref _trouble, error.Message);
        }
    }
}
