namespace ProdOps.Servers.Connections.Channels;

/// <summary>Signals by the names that SSH has for them (RFC 4254, 6.10), without the <c>SIG</c>.</summary>
internal static class SignalNumbers
{
    /// <summary>What a shell's <c>$?</c> would be: 128 and the number (USR1 and USR2 as Linux counts them); 255 for a name nobody knows.</summary>
    public static int ExitCode(string signal) => signal switch
    {
        "HUP" => 129, "INT" => 130, "QUIT" => 131, "ILL" => 132, "ABRT" => 134, "FPE" => 136, "KILL" => 137,
        "SEGV" => 139, "PIPE" => 141, "ALRM" => 142, "TERM" => 143,
        "USR1" => 138, "USR2" => 140,
        _ => 255,
    };
}
