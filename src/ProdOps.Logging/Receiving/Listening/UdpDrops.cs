using System.Globalization;
using System.Net.Sockets;

namespace ProdOps.Logging.Receiving.Listening;

/// <summary>How many datagrams Linux has dropped because nobody took them in time (/proc/net/udp, the last column).</summary>
internal static class UdpDrops
{
    private const int InodeColumn = 9;
    private const int DropsColumn = 12;

    /// <summary>By which the kernel knows a socket, or 0 where that is not told.</summary>
    public static long InodeOf(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return 0;
        try
        {
            string? target = new FileInfo($"/proc/self/fd/{socket.Handle}").LinkTarget;
            return target is ['s', 'o', 'c', 'k', 'e', 't', ':', '[', .. var number, ']'] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long inode) ? inode : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>How many were dropped of a socket's; 0 where that is not told.</summary>
    public static long Of(long inode)
    {
        if (inode == 0) return 0;
        foreach (string table in (string[])["/proc/self/net/udp", "/proc/self/net/udp6"])
        {
            try
            {
                if (Find(File.ReadAllText(table), inode) is { } drops) return drops;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Not told here.
            }
        }

        return 0;
    }

    /// <summary>The drops of a socket in the kernel's table, or <see langword="null"/> if it is not in it.</summary>
    public static long? Find(ReadOnlySpan<char> table, long inode)
    {
        foreach (var line in table.EnumerateLines())
        {
            int column = 0;
            bool isIt = false;
            foreach (var range in line.Split(' '))
            {
                var word = line[range];
                if (word.IsEmpty) continue;
                if (column == InodeColumn) isIt = long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out long found) && found == inode;
                if (column == DropsColumn && isIt) return long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out long drops) ? drops : null;
                column++;
            }
        }

        return null;
    }
}
