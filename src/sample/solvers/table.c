/* The table of solvers. */
#include "sample/solver.h"

extern const solver ancestral_solver, ddim_solver, ddim_inverse_solver, heun_inverse_solver, dpmsolver_plus_solver,
    dpmsolver_solver, sde_dpmsolver_plus_solver, sde_dpmsolver_solver, unipc_solver, deis_solver, euler_solver,
    heun_solver, kdpm2_solver, lms_solver, pndm_solver, ipndm_solver, sa_solver_solver, euler_ancestral_solver,
    kdpm2_ancestral_solver, dpmpp_2s_solver, dpmpp_sde_solver, dpm_fast_solver, dpm_adaptive_solver;

static const solver *const solvers[] = {&ancestral_solver,
                                        &ddim_solver,
                                        &dpmsolver_plus_solver,
                                        &dpmsolver_solver,
                                        &sde_dpmsolver_plus_solver,
                                        &sde_dpmsolver_solver,
                                        &unipc_solver,
                                        &deis_solver,
                                        &euler_solver,
                                        &heun_solver,
                                        &kdpm2_solver,
                                        &lms_solver,
                                        &pndm_solver,
                                        &ipndm_solver,
                                        &sa_solver_solver,
                                        &euler_ancestral_solver,
                                        &kdpm2_ancestral_solver,
                                        &dpmpp_2s_solver,
                                        &dpmpp_sde_solver,
                                        &dpm_fast_solver,
                                        &dpm_adaptive_solver,
                                        &ddim_inverse_solver,
                                        &heun_inverse_solver};

const solver *solver_at(size_t index)
{
    return index < SPEC_COUNT(solvers) ? solvers[index] : NULL;
}
