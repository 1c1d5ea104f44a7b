using System.Diagnostics;
using System.Numerics;

namespace ProdOps.Backup.Crypto;

/// <summary>The cost of deriving a key from a password (RFC 7914): N and r set the memory, p how often that is done.</summary>
internal readonly record struct ScryptParameters(int N, int R, int P)
{
    /// <summary>What one lane may take: a hostile key file must not exhaust the machine.</summary>
    private const long MaxLaneMemory = 1L << 30;

    /// <summary>What all lanes may walk through, half a minute or so of one core.</summary>
    private const long MaxTotal = 16L << 30;

    private const long MaxLaneHeads = 64L << 20;

    /// <summary>restic's N and r (32 MiB), and how much time its p is chosen to fill.</summary>
    private const int DefaultN = 32768, DefaultR = 8, BudgetMilliseconds = 500, MaxCalibratedP = 16;

    /// <summary>Bytes that a lane works in.</summary>
    public long LaneMemory => 128L * N * R;

    /// <summary>Why a key file with these cannot be used, as the end of a sentence; <see langword="null"/> if it can.</summary>
    public string? Problem
    {
        get
        {
            if (N < 2 || !BitOperations.IsPow2(N)) return $"the scrypt cost N is {N} and must be a power of two";
            if (R < 1 || P < 1) return $"the scrypt parameters r = {R} and p = {P} must be positive";
            if ((UInt128)N * (uint)R * 128 > MaxLaneMemory) return $"scrypt with N = {N} and r = {R} would need more than 1 GiB of memory";
            if ((UInt128)N * (uint)R * (uint)P * 128 > MaxTotal || 128L * R * P > MaxLaneHeads)
                return $"scrypt with N = {N}, r = {R} and p = {P} would take minutes";
            return null;
        }
    }

    /// <summary>Chooses p as restic does, so that one core of this machine takes half a second.</summary>
    public static ScryptParameters Calibrate()
    {
        var one = new ScryptParameters(DefaultN, DefaultR, 1);
        Span<byte> key = stackalloc byte[64];
        Scrypt.DeriveKey("calibration"u8, key, one with { N = 2 }, key);

        long started = Stopwatch.GetTimestamp();
        Scrypt.DeriveKey("calibration"u8, key, one, key);
        double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return one with { P = Math.Clamp((int)(BudgetMilliseconds / milliseconds), 1, MaxCalibratedP) };
    }
}
