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

    /// <summary>The processes that a process has started and that have not ended.</summary>
    public static IReadOnlyList<int> ChildrenOf(int id)
    {
        var children = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                string stat = File.ReadAllText(Path.Join(folder, "stat"));
                // proc(5): the parent is the field after the state.
                if (int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) == id)
                    children.Add(int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return children;
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
