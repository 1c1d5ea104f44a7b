namespace ProdOps.Servers.Tests.TestTools;

/// <summary>Looks at this machine's processes.</summary>
internal static class Processes
{
    /// <summary>Whether a process runs; one that has ended and waits to be collected does not.</summary>
    public static bool IsRunning(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Waits until a process has ended.</summary>
    /// <returns>Whether it has within five seconds.</returns>
    public static async Task<bool> EndsAsync(int id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        while (IsRunning(id))
        {
            if (limit.IsCancellationRequested) return false;
            await Task.Delay(10, CancellationToken.None);
        }

        return true;
    }
}
