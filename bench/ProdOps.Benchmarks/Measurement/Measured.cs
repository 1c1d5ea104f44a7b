namespace ProdOps.Benchmarks.Measurement;

/// <summary>One run of one command: its whole process tree, and what others did on the machine meanwhile.</summary>
internal sealed record Measured(
    double Wall,
    double User,
    double System,
    long PeakKiB,
    double ForeignUser,
    double Stolen,
    int ExitCode,
    string Output)
{
    public double Cpu => User + System;
}
